// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Devices;

namespace Holdfast.Daemon.Importing;

/// <summary>What a dropped file says of its device.</summary>
/// <param name="Complete">
/// Bytes of which it lists all that is bad, so that the rest of them reads; empty where it does not say so.
/// </param>
internal sealed record ImportedList(ByteRangeSet Ranges, ByteRangeSet Complete)
{
    private const int RangesMax = 1 << 20;

    /// <exception cref="InvalidDataException">It is no such list, or another device's.</exception>
    internal static ImportedList Read(ImportName name, byte[] bytes, BlockDevice device)
    {
        var stream = new MemoryStream(bytes, writable: false);
        ImportedList list = name.Kind switch
        {
            ImportKind.Mapfile => OfMapfile(stream),
            ImportKind.Badblocks => OfBadblocks(stream, name.BlockSize),
            ImportKind.Smartctl => OfSmartctl(stream, device),
            _ => OfKernelLog(stream, device),
        };
        long size = device.Size ?? 0;
        ByteRangeSet all = list.Ranges.Union(list.Complete);
        // A list of a larger disk is a list of another one.
        if (!all.IsEmpty && all[^1].End > size)
        {
            throw new InvalidDataException($"it names byte {all[^1].End - 1}; {device.Node} has {size}");
        }

        return list.Ranges.Count <= RangesMax
            ? list
            : throw new InvalidDataException($"it names {list.Ranges.Count} ranges; {RangesMax} are the most");
    }

    /// <summary>
    /// Complete where nothing of it was left to be tried: every byte was read, or is a bad sector. What ddrescue has
    /// not come to is not known to be bad.
    /// </summary>
    private static ImportedList OfMapfile(MemoryStream stream)
    {
        Mapfile map = Mapfile.Read(stream);
        Refuse(map.Faults);
        ByteRangeSet bad = map.Where(MapfileStatuses.BadSector);
        ByteRangeSet tried = bad.Union(map.Where(MapfileStatuses.Finished));
        bool isComplete = tried.Count == 1 && tried[0] == new ByteRange(0, map.End);
        return new(bad, isComplete ? tried : ByteRangeSet.Empty);
    }

    /// <summary>The list does not say which blocks were looked at, nor whether the search came to its end.</summary>
    private static ImportedList OfBadblocks(MemoryStream stream, long blockSize)
    {
        RangeList list = BadblocksList.Read(stream, blockSize);
        Refuse(list.Faults);
        return Of(list.Ranges);
    }

    /// <summary>A test ends at the first sector that fails: what it does not name it may not have come to.</summary>
    private static ImportedList OfSmartctl(MemoryStream stream, BlockDevice device)
    {
        SmartctlReport report = SmartctlReport.Read(stream);
        if (report.Findings.Count == 0) Refuse(report.Faults);
        Differs("serial number", report.Drive.SerialNumber, device.Serial);
        // Like is compared with like: a bridge may give a name of its own kind.
        string? here = device.WorldWideName;
        if (here is not null && report.Drive.WorldWideName?[..4] == here[..Math.Min(4, here.Length)])
        {
            Differs("World Wide Name", report.Drive.WorldWideName, here);
        }

        return Of(report.Ranges);
    }

    private static ImportedList OfKernelLog(MemoryStream stream, BlockDevice device)
    {
        int sector = device.PhysicalSectorSize;
        var sizes = new KernelLogOptions();
        if (sector >= 512 && sector % 512 == 0) sizes = sizes with { PhysicalSectorSize = sector };
        KernelLog log = KernelLog.Read(stream, sizes);
        return log.Find(device.Name) is { } found
            ? Of(found.Ranges)
            : throw new InvalidDataException($"no line of it tells of a failed read of {device.Name}");
    }

    private static ImportedList Of(IEnumerable<ReportedRange> ranges) =>
        new(ByteRangeSet.From(ranges.Select(range => range.Range)), ByteRangeSet.Empty);

    private static void Differs(string what, string? said, string? here)
    {
        if (said is null || here is null) return;
        (said, here) = (said.Trim(), here.Trim());
        if (said.Equals(here, StringComparison.OrdinalIgnoreCase)) return;
        throw new InvalidDataException($"it is another device's: its {what} is {said}, here it is {here}");
    }

    private static void Refuse(ListFaults faults)
    {
        if (faults.TotalCount == 0) return;
        throw new InvalidDataException(faults[0].Line > 0
            ? $"line {faults[0].Line}: {faults[0].Problem}"
            : faults[0].Problem);
    }
}
