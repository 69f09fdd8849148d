// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Cli.Targets;

/// <summary>
/// A copy that is still being made: ddrescue's file ends where the last rescued byte lies, and stands for a disk that
/// goes on. What is not there cannot be read. Owns the copy.
/// </summary>
internal sealed class RescuedCopySource(IBlockSource copy, long length) : IBlockSource
{
    public string Name => copy.Name;

    /// <summary>Bytes of the disk.</summary>
    public long Length { get; } = Math.Max(copy.Length, length);

    public int SectorSize => copy.SectorSize;

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset >= 0 && offset <= copy.Length - buffer.Length) return copy.Read(offset, buffer);
        return new(ReadFaultKind.PastEnd, Math.Max(offset, copy.Length), 0);
    }

    public bool Prefetch(long offset, long length) => copy.Prefetch(offset, length);

    public void Dispose() => copy.Dispose();
}
