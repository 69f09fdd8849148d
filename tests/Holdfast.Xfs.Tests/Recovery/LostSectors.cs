// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>A device in memory, one range of which cannot be read.</summary>
internal sealed class LostSectors(byte[] bytes, long offset, long length) : IBlockSource
{
    public string Name => "data";

    public long Length => bytes.Length;

    public int SectorSize => 512;

    public ReadFault Read(long at, Span<byte> buffer)
    {
        if (at < 0 || at > Length - buffer.Length) return ReadFault.AtEnd(at, Length);
        bool isLost = at < offset + length && at + buffer.Length > offset;
        if (isLost) return new(ReadFaultKind.KnownBad, Math.Max(at, offset), 0);
        bytes.AsSpan((int)at, buffer.Length).CopyTo(buffer);
        return ReadFault.None;
    }

    public void Dispose()
    {
    }
}
