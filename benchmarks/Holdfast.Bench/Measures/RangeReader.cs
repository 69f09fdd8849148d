// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench.Kernel;

namespace Holdfast.Bench.Measures;

/// <summary>
/// Reads byte ranges of a file one after another and does nothing with them, as dd would: what no answer that needs
/// these bytes can be faster than on one thread. Its own start-up is not counted.
/// </summary>
internal static class RangeReader
{
    private const int ReadSizeMax = 1 << 20;

    /// <summary>Prints the seconds of each run, one a line.</summary>
    /// <param name="rangesPath">Lines of "offset length", in bytes.</param>
    public static void Run(string path, string rangesPath, int runs)
    {
        List<(long Offset, long Length)> ranges =
        [
            .. File.ReadLines(rangesPath).Select(l => l.Split(' ')).Select(
                w => (long.Parse(w[0], CultureInfo.InvariantCulture), long.Parse(w[1], CultureInfo.InvariantCulture))),
        ];
        int fd = Calls.Open(path, Calls.O_RDONLY);
        for (int i = 0; i < runs; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Read(fd, ranges);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine(seconds.ToString(CultureInfo.InvariantCulture));
        }

        _ = Calls.Close(fd);
    }

    private static void Read(int fd, List<(long Offset, long Length)> ranges)
    {
        byte[] buffer = new byte[ReadSizeMax];
        foreach ((long offset, long length) in ranges)
        {
            for (long at = 0; at < length;)
            {
                nint got = Calls.Read(fd, ref buffer[0], (nuint)Math.Min(ReadSizeMax, length - at), offset + at);
                if (got <= 0) throw new IOException($"cannot be read at {offset + at}");
                at += got;
            }
        }
    }
}
