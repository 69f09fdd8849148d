// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Tests.Media;

/// <summary>
/// XFS_IOC_VERIFY_MEDIA as it is documented: one request at a time, of a megabyte or the greatest that was asked for;
/// the first that fails ends it, with the start moved to it; the error is told only where nothing was verified; the end
/// is cut to the device; places are at borders of sectors; an empty range asks nothing.
/// </summary>
internal sealed class SimulatedVerifier(long length, int sectorSize, ByteRangeSet bad, int errno = 5) : IMediaVerifier
{
    private const int RequestMax = 1 << 20;

    /// <summary>What the filesystem told its watchers: whole requests.</summary>
    internal List<ByteRange> Told { get; } = [];

    /// <summary>Requests of the device.</summary>
    internal int Requests { get; private set; }

    public VerifiedMedia Verify(long start, long end, int requestMax, bool tells)
    {
        Assert.Equal((0, 0), (start % sectorSize, end % sectorSize));
        Assert.True(requestMax >= sectorSize);
        end = Math.Min(end, length);
        long at = start;
        while (at < end)
        {
            var request = new ByteRange(at, Math.Min(Math.Min(requestMax, RequestMax), end - at));
            Requests++;
            if (bad.Overlaps(request))
            {
                if (tells) Told.Add(request);
                return new(at, end, at == start ? errno : 0);
            }

            at = request.End;
        }

        return new(Math.Max(at, start), end, 0);
    }

    public void Dispose()
    {
    }
}
