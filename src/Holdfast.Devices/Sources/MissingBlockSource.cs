// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Sources;

/// <summary>A device that is known to exist and was not given: everything about it but its bytes.</summary>
public sealed class MissingBlockSource(string name, long length) : IBlockSource
{
    public string Name { get; } = name;

    public long Length { get; } = length;

    public int SectorSize => 512;

    public ReadFault Read(long offset, Span<byte> buffer) => new(ReadFaultKind.Io, offset, Native.ENODEV);

    public void Dispose()
    {
    }
}
