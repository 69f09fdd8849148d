// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>
/// Another source without its known bad ranges: a read that touches one fails, even if the bytes could be had.
/// Rescued images hold zeros or stale data there, and stale data can verify (contract C12). Owns what it wraps.
/// </summary>
public sealed class DistrustingBlockSource(IBlockSource inner, ByteRangeSet bad) : IBlockSource
{
    public string Name => inner.Name;

    public long Length => inner.Length;

    public int SectorSize => inner.SectorSize;

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        int first = bad.FirstEndingAfter(offset);
        if (first < bad.Count && bad[first].Offset < offset + buffer.Length)
        {
            return new(ReadFaultKind.KnownBad, Math.Max(offset, bad[first].Offset), 0);
        }

        return inner.Read(offset, buffer);
    }

    public bool Prefetch(long offset, long length) => !bad.Overlaps(offset, length) && inner.Prefetch(offset, length);

    public void Dispose() => inner.Dispose();
}
