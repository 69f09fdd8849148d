// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Media;

/// <summary>Tells which bytes of a device can be read, by whole logical sectors. One thread's.</summary>
public interface IMediaReader : IDisposable
{
    /// <summary>Of the device's node, or the image.</summary>
    string Name { get; }

    /// <summary>Bytes, in whole sectors.</summary>
    long Length { get; }

    /// <summary>Logical: what can be read alone.</summary>
    int SectorSize { get; }

    /// <param name="offset">A multiple of the sector size, as the length is.</param>
    /// <param name="length">At most <see cref="SectorReader.ReadMax"/>.</param>
    /// <param name="errno">Why no more could be read; 0 where all was.</param>
    /// <returns>Bytes that could be read, from the first on.</returns>
    int Read(long offset, int length, out int errno);
}
