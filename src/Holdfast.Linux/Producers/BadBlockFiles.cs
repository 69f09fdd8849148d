// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Nvdimm;

namespace Holdfast.Linux.Producers;

/// <summary>
/// The kernel's files of bad blocks: of disks (/sys/block/DISK/badblocks, bytes of the disk; of pmem that is the data
/// of its namespace), of regions of persistent memory (bytes of the region, wherever in it a namespace begins), and of
/// md's members (md.c adds a member's data offset before it lists: bytes of the member device from its start).
/// </summary>
internal sealed class BadBlockFiles(KernelRoots roots) : IDisposable
{
    internal const string OfDisks = "kernel:badblocks";
    internal const string OfMembers = "md:badblocks";
    private const int FilesMax = 4096;
    private static readonly string[] MemberFiles = ["bad_blocks", "unacknowledged_bad_blocks"];

    private readonly Dictionary<string, BadBlockFile> _open = [];

    /// <summary>Reads all of them anew.</summary>
    internal List<BadBlockList> Read()
    {
        var seen = new HashSet<string>();
        var lists = new List<BadBlockList>();
        Dictionary<string, List<(ByteRangeSet Ranges, string? Gap)>> regions = OfRegions(seen);
        foreach (string folder in Folders(Path.Combine(roots.Sys, "block")))
        {
            string name = Path.GetFileName(folder);
            BadBlockReading own = Look(Path.Combine(folder, "badblocks"), seen);
            List<(ByteRangeSet Ranges, string? Gap)> parts = regions.GetValueOrDefault(name, []);
            // A list that cannot be read says nothing, and is no reason to take anything back.
            if (own.HasTable || own.Gap is not null) parts.Add((own.Ranges, own.Gap));
            if (parts.Count > 0 && BlockDevice.Find(roots, name) is { } disk)
            {
                // Of persistent memory the region's list is another showing of the same errors: both together.
                ByteRangeSet all = parts.Aggregate(ByteRangeSet.Empty, (sum, part) => sum.Union(part.Ranges));
                string? gap = own.HasTable || own.Gap is not null
                    ? parts.Select(part => part.Gap).FirstOrDefault(why => why is not null)
                    : $"{name} has no list of its own";
                lists.AddRange(BadBlockList.OfDisk(disk, OfDisks, all, gap, roots));
            }

            if (Directory.Exists(Path.Combine(folder, "md"))) lists.AddRange(OfArray(folder, seen));
        }

        foreach (string gone in _open.Keys.Except(seen).ToArray()) Close(gone);
        return lists;
    }

    /// <summary>Blocks until one of them has changed, or that long.</summary>
    internal unsafe bool Wait(TimeSpan atMost)
    {
        Polled[] polled =
        [
            .. _open.Values.Select(file => new Polled
            {
                Descriptor = file.Descriptor, Events = Native.POLLPRI | Native.POLLERR,
            }),
        ];
        fixed (Polled* start = polled)
        {
            return Native.Poll(start, (nuint)polled.Length, (int)atMost.TotalMilliseconds) > 0;
        }
    }

    public void Dispose()
    {
        foreach (BadBlockFile file in _open.Values) file.Dispose();
    }

    /// <summary>By the disk that they are carried to.</summary>
    private Dictionary<string, List<(ByteRangeSet Ranges, string? Gap)>> OfRegions(HashSet<string> seen)
    {
        var found = new Dictionary<string, List<(ByteRangeSet, string?)>>();
        var regions = new Dictionary<string, (ByteRange Memory, BadBlockReading Reading)?>();
        foreach (PersistentMemory memory in PersistentMemories.ReadAll(roots))
        {
            if (memory.Device is not { } disk) continue;
            if (!regions.TryGetValue(memory.Region, out var region))
            {
                BadBlockReading reading = Look(
                    Path.Combine(PersistentMemories.Folder(roots), memory.Region, "badblocks"), seen);
                bool isThere = reading.HasTable || reading.Gap is not null;
                regions[memory.Region] = region =
                    isThere && PersistentMemories.RegionRange(roots, memory.Region) is { } range
                        ? (range, reading)
                        : null;
            }

            if (region is not { } at) continue;
            IEnumerable<ByteRange> physical = at.Reading.Ranges.Where(range => range.End <= at.Memory.Length)
                .Select(range => new ByteRange(at.Memory.Offset + range.Offset, range.Length));
            var carried = ByteRangeSet.From(ByteRangeSet.From(physical).Within(memory.Memory)
                .Select(range => new ByteRange(range.Offset - memory.Memory.Offset, range.Length)));
            if (!found.TryGetValue(disk.Name, out var parts)) found[disk.Name] = parts = [];
            parts.Add((carried, at.Reading.Gap));
        }

        return found;
    }

    private IEnumerable<BadBlockList> OfArray(string folder, HashSet<string> seen)
    {
        foreach (string member in Folders(Path.Combine(folder, "md")))
        {
            string name = Path.GetFileName(member);
            if (!name.StartsWith("dev-", StringComparison.Ordinal)) continue;
            if (BlockDevice.Find(roots, name[4..]) is not { Size: > 0 } device) continue;
            BadBlockReading[] readings = [.. MemberFiles.Select(file => Look(Path.Combine(member, file), seen))];
            if (!readings.Any(reading => reading.HasTable)) continue;
            var whole = ByteRangeSet.From([new ByteRange(0, device.Size.Value)]);
            ByteRangeSet all = readings.Aggregate(ByteRangeSet.Empty, (sum, reading) => sum.Union(reading.Ranges));
            yield return new(
                DeviceIdentities.Of(device, roots), OfMembers, all.Intersect(whole), whole, IsWhole: false,
                readings.Select(reading => reading.Gap).FirstOrDefault(why => why is not null));
        }
    }

    private BadBlockReading Look(string path, HashSet<string> seen)
    {
        if (!_open.TryGetValue(path, out BadBlockFile? file))
        {
            if (!File.Exists(path)) return BadBlockReading.None();
            file = BadBlockFile.Open(path);
            if (file is null) return BadBlockReading.None($"{path} cannot be opened");
        }

        BadBlockReading? reading = file.Read();
        // What has no table is not watched: every disk has the file.
        bool isKept = reading is { HasTable: true } && (_open.ContainsKey(path) || _open.Count < FilesMax);
        if (isKept)
        {
            _open[path] = file;
            seen.Add(path);
        }
        else
        {
            _open.Remove(path);
            file.Dispose();
        }

        return reading ?? BadBlockReading.None();
    }

    private void Close(string path)
    {
        _open[path].Dispose();
        _open.Remove(path);
    }

    private static string[] Folders(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
}
