// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>
/// The paths of the damaged files alone, all names of each, as bytes: `--print` ends each with a line feed, `--print0`
/// with a zero byte, for rsync --from0 --files-from=- and the like.
/// </summary>
internal static class PathListing
{
    /// <returns>Damaged files that no path leads to.</returns>
    public static int Write(Stream stream, LocateReport report, byte terminator)
    {
        int nameless = 0;
        foreach (FileDamage file in report.Totals.Files)
        {
            if (file.Paths.Count == 0) nameless++;
            foreach (PathName path in file.Paths)
            {
                stream.Write(path.Bytes.Span);
                stream.WriteByte(terminator);
            }
        }

        return nameless;
    }
}
