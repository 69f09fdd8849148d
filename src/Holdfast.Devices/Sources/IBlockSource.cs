// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Sources;

/// <summary>
/// Bytes that can be read at any position and never written. A byte that cannot be had is a value, not an exception:
/// damaged media are the normal input. Safe for any number of threads.
/// </summary>
public interface IBlockSource : IDisposable
{
    /// <summary>What people call it: the path, or the path and what lies on it.</summary>
    string Name { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>The unit in which the medium fails, in bytes: 512 or 4096; 512 for files.</summary>
    int SectorSize { get; }

    /// <summary>
    /// Fills the buffer from <paramref name="offset"/>. On a fault the buffer's content is undefined: read smaller
    /// pieces to find what is good.
    /// </summary>
    ReadFault Read(long offset, Span<byte> buffer);

    /// <summary>These bytes will be asked for soon. A hint: it may do nothing, and it never fails.</summary>
    /// <returns>False where it was not passed on: then further hints are not worth the work of finding them.</returns>
    bool Prefetch(long offset, long length) => false;
}
