// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Media;

/// <summary>
/// Reads by having the kernel verify. Its answer blames a whole request, and says nothing of an error behind bytes that
/// were good: it is asked again from there, and whoever wants the sector asks in smaller pieces.
/// </summary>
/// <param name="verifier">Disposed with it.</param>
/// <param name="name">Of the device.</param>
/// <param name="length">Bytes of the device.</param>
/// <param name="sectorSize">Logical.</param>
/// <param name="tells">
/// Whether the filesystem's own watchers are told of what is bad; only of single sectors, for it would tell them the
/// whole request.
/// </param>
public sealed class VerifyingReader(
    IMediaVerifier verifier, string name, long length, int sectorSize, bool tells = false) : IMediaReader
{
    public string Name => name;

    public long Length => length / sectorSize * sectorSize;

    public int SectorSize => sectorSize;

    public int Read(long offset, int length, out int errno)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, SectorReader.ReadMax);
        long at = offset;
        long end = offset + length;
        while (at < end)
        {
            if (Ask(at, end, length) is not { } answer)
            {
                errno = Native.ENXIO;
                return (int)(at - offset);
            }

            bool hasMoved = answer.Start > at && answer.Start <= end;
            if (hasMoved) at = answer.Start;
            bool isEnd = answer.End < end && at >= answer.End;
            // Neither further nor an error: nothing is said of the rest.
            errno = answer.Error != 0 ? answer.Error : isEnd ? Native.ENXIO : Native.EAGAIN;
            if (at < end && (!hasMoved || isEnd)) return (int)(at - offset);
        }

        errno = 0;
        return length;
    }

    /// <returns>Null where the filesystem answers nothing any more: it has shut down, or is gone.</returns>
    private VerifiedMedia? Ask(long start, long end, int length)
    {
        try
        {
            return verifier.Verify(start, end, length, tells && length == SectorSize);
        }
        catch (KernelRefusal)
        {
            return null;
        }
    }

    public void Dispose() => verifier.Dispose();
}
