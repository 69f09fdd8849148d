// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>Replays quota records, where a mount has quota turned on (L17).</summary>
internal sealed class DquotReplay(RecoveryBuffers buffers, RecoveryCounts counts)
{
    public void Replay(in DquotItem item, LogSequenceNumber lsn, bool hasCrc)
    {
        long first = item.Offset & ~(OverlayBlockSource.SectorBytes - 1L);
        int length = (int)(item.Offset - first) + Dquot.Size;
        length = (length + OverlayBlockSource.SectorBytes - 1) / OverlayBlockSource.SectorBytes
            * OverlayBlockSource.SectorBytes;
        if (!buffers.Fetch(first, length, "quota block")) return;
        byte[] record = new byte[Dquot.Size];
        if (!buffers.TryRead(item.Offset, record)) return;
        ulong found = ((ReadOnlySpan<byte>)record).U64(Dquot.LsnAt);
        if (hasCrc && found is not (0 or ulong.MaxValue) && found >= lsn.Value) return;
        item.Record.CopyTo(record);
        if (hasCrc) Crc32c.Write(record, Dquot.CrcAt);
        buffers.Patch(item.Offset, record);
        counts.DquotsRecovered++;
    }
}
