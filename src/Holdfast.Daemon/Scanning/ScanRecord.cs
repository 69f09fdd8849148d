// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Media;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// How far a round of a scheduled scan is: a ddrescue mapfile beside the ledger, whose second line has the rest as
/// words. What it says is only about what to read next: all that must not be lost is in the ledger first.
/// </summary>
/// <param name="Device">The identity of what is read.</param>
/// <param name="Size">Bytes of it.</param>
/// <param name="Finished">Null while the round goes on.</param>
internal sealed record ScanRecord(
    string Device, long Size, Guid Round, DateTimeOffset Begun, DateTimeOffset? Finished, ScanState State)
{
    private const int WordsMax = 64 << 10;
    private const string Program = "holdfastd";

    /// <returns>Null where there is none, or none that can be believed: the device is read from its
    /// beginning.</returns>
    internal static ScanRecord? Read(string file)
    {
        try
        {
            if (!File.Exists(file)) return null;
            using FileStream stream = File.OpenRead(file);
            if (WordsOf(stream) is not { } words) return null;
            stream.Position = 0;
            Mapfile mapfile = Mapfile.Read(stream);
            ByteRangeSet bad = mapfile.Where(MapfileStatuses.BadSector);
            var state = new ScanState(
                mapfile.Where(MapfileStatuses.Finished).Union(bad), bad, ByteRangeSet.Empty);
            return mapfile.Faults.TotalCount > 0 ? null : Of(words, mapfile.End, state);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Replaced as a whole: a crash leaves this one or the one before.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    internal void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string part = file + ".part";
        using (FileStream stream = File.Create(part))
        {
            ScanMapfile.Write(stream, State.Done, State.Bad, State.Unsure, Size, Words());
            stream.Flush(flushToDisk: true);
        }

        File.Move(part, file, overwrite: true);
    }

    private string Words() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Program} {Uri.EscapeDataString(Device)} {Round:N} {Begun:O} {(Finished is { } at ? $"{at:O}" : "-")}");

    private static ScanRecord? Of(string[] words, long size, ScanState state)
    {
        if (!Guid.TryParseExact(words[2], "N", out Guid round) || !TryParse(words[3], out DateTimeOffset begun))
        {
            return null;
        }

        DateTimeOffset? finished = null;
        if (words[4] != "-")
        {
            if (!TryParse(words[4], out DateTimeOffset at)) return null;
            finished = at;
        }

        return new(Uri.UnescapeDataString(words[1]), size, round, begun, finished, state);
    }

    private static string[]? WordsOf(FileStream stream)
    {
        byte[] head = new byte[WordsMax];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        string[] lines = Encoding.UTF8.GetString(head, 0, length).Split('\n', 3);
        string[] words = lines.Length < 3 ? [] : lines[1].TrimStart('#', ' ').Split(' ');
        return words.Length == 5 && words[0] == Program ? words : null;
    }

    private static bool TryParse(string word, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        word, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
