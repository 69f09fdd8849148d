// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Media;

namespace Holdfast.Cli.Output;

/// <summary>What a scan found, kept in a mapfile from one run to the next.</summary>
internal static class ScanFile
{
    /// <returns>Nothing where there is no such file yet.</returns>
    public static ScanState Read(string file)
    {
        if (!File.Exists(file)) return ScanState.Nothing;
        Mapfile mapfile = Open(file);
        ByteRangeSet bad = mapfile.Where(MapfileStatuses.BadSector);
        return new(mapfile.Where(MapfileStatuses.Finished).Union(bad), bad, ByteRangeSet.Empty);
    }

    /// <summary>What a domain mapfile calls finished.</summary>
    public static ByteRangeSet ReadDomain(string file) => Open(file).Where(MapfileStatuses.Finished);

    /// <summary>Replaced as a whole, so that an interrupted run leaves no half of it.</summary>
    public static void Write(string file, string device, ScanState state, long size)
    {
        string part = file + ".part";
        try
        {
            using (FileStream stream = File.Create(part))
            {
                ScanMapfile.Write(stream, state.Done, state.Bad, state.Unsure, size, $"holdfast scan {device}");
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file}: {e.Message}");
        }
    }

    private static Mapfile Open(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            Mapfile mapfile = Mapfile.Read(stream);
            if (mapfile.Faults.TotalCount > 0) throw new CommandFailure($"{file}: {mapfile.Faults[0]}");
            return mapfile;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file}: {e.Message}");
        }
    }
}
