// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Sources;

/// <summary>Bytes in memory, read as a device: small structures taken out of a larger whole, and tests.</summary>
public sealed class MemoryBlockSource(string name, ReadOnlyMemory<byte> bytes) : IBlockSource
{
    public string Name { get; } = name;

    public long Length => bytes.Length;

    public int SectorSize => 512;

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return ReadFault.AtEnd(offset, Length);
        bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
        return ReadFault.None;
    }

    public void Dispose()
    {
    }
}
