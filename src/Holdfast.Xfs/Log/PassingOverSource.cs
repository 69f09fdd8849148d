// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Xfs.Log;

/// <summary>
/// Another source in which sectors that cannot be read are all ones: no cycle of any log and no header. For a guess at
/// what the rest of a log says. Borrows what it wraps.
/// </summary>
internal sealed class PassingOverSource(IBlockSource inner, int sectorSize) : IBlockSource
{
    /// <summary>A dying disk takes its time over every sector that it cannot read.</summary>
    private const int FailedReadsMax = 64;

    private int _failedReads;

    public string Name => inner.Name;

    public long Length => inner.Length;

    public int SectorSize => sectorSize;

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        ReadFault fault = inner.Read(offset, buffer);
        for (int at = 0; !fault.IsNone && at < buffer.Length; at += sectorSize)
        {
            Span<byte> sector = buffer[at..Math.Min(at + sectorSize, buffer.Length)];
            ReadFault one = inner.Read(offset + at, sector);
            if (one.IsNone) continue;
            if (one.Kind == ReadFaultKind.Io && ++_failedReads > FailedReadsMax) return one;
            sector.Fill(byte.MaxValue);
        }

        return ReadFault.None;
    }

    public void Dispose()
    {
    }
}
