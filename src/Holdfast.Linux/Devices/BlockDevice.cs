// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.IO.Enumeration;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Stack;

namespace Holdfast.Linux.Devices;

/// <summary>
/// A block device in sysfs: its name, its partitions, and the devices that stand on it. Sysfs is read when asked, each
/// attribute once: what was found then is what it was. What is not there reads as nothing.
/// </summary>
public sealed class BlockDevice
{
    private static readonly EnumerationOptions Quietly = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private readonly KernelRoots _roots;
    private readonly string _folder;
    private readonly ConcurrentDictionary<string, string?> _attributes = new(concurrencyLevel: 1, capacity: 8);

    private BlockDevice(KernelRoots roots, string folder, DeviceNumber number)
    {
        _roots = roots;
        _folder = folder;
        Number = number;
        Name = Path.GetFileName(folder);
    }

    /// <summary>The kernel's name, as in /sys/class/block.</summary>
    public string Name { get; }

    public DeviceNumber Number { get; }

    /// <summary>The node in /dev. Sysfs writes '!' where the node's name has a '/'.</summary>
    public string Node => Path.Combine(_roots.Dev, Name.Replace('!', '/'));

    /// <summary>What an administrator calls a mapped device ("vg-root"); null for every other.</summary>
    public string? MappedName => Attribute("dm/name");

    public bool IsRaid => Directory.Exists(Path.Combine(_folder, "md"));

    public bool IsLoop => _attributes.GetOrAdd(
        "loop", static (name, folder) => Directory.Exists(Path.Combine(folder, name)) ? "" : null, _folder) is not null;

    /// <summary>The file under a loop device; null for every other.</summary>
    public string? BackingFile => Attribute("loop/backing_file");

    /// <summary>Byte of the backing file at which a loop device begins; 0 for every other device.</summary>
    public long LoopOffset => long.TryParse(Attribute("loop/offset"), out long offset) ? offset : 0;

    /// <summary>Nothing can be written through it.</summary>
    public bool IsReadOnly => Attribute("ro") == "1";

    /// <summary>
    /// As the device gives it (wwid): "naa.5000…", "eui.0025…", "t10.ATA …"; null where it gives none.
    /// </summary>
    public string? WorldWideName => Named("wwid") ?? Named("device/wwid");

    public string? Serial => Named("device/serial") ?? Named("serial");

    public string? Vendor => Named("device/vendor");

    public string? Model => Named("device/model");

    /// <summary>Of an md array, as "raid5"; null for every other.</summary>
    public string? RaidLevel => Named("md/level");

    /// <summary>Of an md array; null for every other, and on kernels that do not tell.</summary>
    public string? RaidUuid => Named("md/uuid");

    /// <summary>Null where it is no partition.</summary>
    public string? PartitionNumber => Named("partition");

    /// <summary>Byte of its disk at which a partition begins; 0 for every other device.</summary>
    public long PartitionStart => long.TryParse(Attribute("start"), out long sectors) ? sectors * 512 : 0;

    /// <summary>The disk that a partition is part of: the folder around its own.</summary>
    public BlockDevice? Disk => PartitionNumber is null ? null
        : (Directory.ResolveLinkTarget(_folder, returnFinalTarget: true)?.FullName ?? _folder) is var folder
        && Path.GetDirectoryName(folder) is { } parent
            ? At(_roots, parent)
            : null;

    /// <summary>Of persistent memory, where it lies; null for every other device.</summary>
    internal PmemDevice? Pmem => Name.StartsWith("pmem", StringComparison.Ordinal) && PartitionNumber is null
        && Native.RealPath(Path.Combine(_folder, "device"), 0) is { } folder
            ? PmemDevice.Read(folder, Size ?? 0)
            : null;

    /// <summary>Of a mapped device, as its maker gave it; null where it has none.</summary>
    public string? MappedUuid => Named("dm/uuid");

    /// <summary>The kernel's number of this disk since boot: never given twice.</summary>
    public string? Sequence => Named("diskseq");

    /// <summary>
    /// In bytes; null where it does not say. Sysfs counts sectors of 512 bytes whatever the device's are.
    /// </summary>
    public long? Size => long.TryParse(Attribute("size"), out long sectors) ? sectors * 512 : null;

    /// <summary>All block devices, partitions too.</summary>
    public static IEnumerable<BlockDevice> All(KernelRoots roots) =>
        Folders(Path.Combine(roots.Sys, "class/block")).Select(folder => At(roots, folder)).OfType<BlockDevice>();

    /// <summary>What the device reads, writes and loses at once, in bytes; 0 where it does not say.</summary>
    public int PhysicalSectorSize
    {
        get
        {
            // A partition has no queue of its own.
            string? text = Attribute("queue/physical_block_size") ?? Attribute("../queue/physical_block_size");
            return int.TryParse(text, out int size) ? size : 0;
        }
    }

    /// <summary>What can be read alone, in bytes; 0 where it does not say.</summary>
    public int LogicalSectorSize =>
        int.TryParse(Attribute("queue/logical_block_size") ?? Attribute("../queue/logical_block_size"), out int size)
            ? size
            : 0;

    /// <summary>Called after their disk: "sda1", "nvme0n1p1".</summary>
    public IEnumerable<BlockDevice> Partitions =>
        Entries(_folder, Name).Select(folder => At(_roots, folder)).OfType<BlockDevice>()
            .Where(at => at.PartitionNumber is not null);

    /// <summary>The devices that this one stands on, as far as sysfs shows them.</summary>
    public IEnumerable<BlockDevice> Members =>
        Folders(Path.Combine(_folder, "slaves")).Select(f => Find(_roots, Path.GetFileName(f))).OfType<BlockDevice>();

    /// <summary>Of an md array: its members, and how its bytes lie on them.</summary>
    internal RaidArray ReadArray() => RaidArray.Read(Path.Combine(_folder, "md"), Size ?? 0);

    /// <summary>Device-mapper, md and other devices that stand on this one.</summary>
    public IEnumerable<BlockDevice> Holders =>
        Folders(Path.Combine(_folder, "holders")).Select(f => Find(_roots, Path.GetFileName(f))).OfType<BlockDevice>();

    public static BlockDevice? Find(KernelRoots roots, DeviceNumber number)
    {
        // A link to the device's folder, which carries the kernel's name.
        string link = Path.Combine(roots.Sys, "dev/block", number.ToString());
        // A filesystem that lies on no device has a number all the same.
        if (new FileInfo(link).LinkTarget is not { } target) return null;
        string folder = Path.GetFullPath(target, Path.GetDirectoryName(link)!);
        return Directory.Exists(folder) ? new(roots, folder, number) : null;
    }

    /// <summary>The device that a path leads to; null where it is none.</summary>
    public static BlockDevice? At(string path, KernelRoots roots) =>
        FileIdentity.Of(path)?.Device is { } number ? Find(roots, number) : null;

    public static BlockDevice? Find(KernelRoots roots, string name) =>
        At(roots, Path.Combine(roots.Sys, "class/block", name));

    /// <summary>The loop devices whose backing file is this file or block device.</summary>
    public static IEnumerable<BlockDevice> LoopsOver(KernelRoots roots, FileIdentity backing) => LoopFiles(roots)
        .Where(at => backing.Device is { } device ? at.File.Device == device : at.File == backing)
        .Select(at => at.Loop);

    /// <summary>
    /// The loop devices with the file that each has open, or, where the kernel does not say which, the one that goes by
    /// its name.
    /// </summary>
    public static IEnumerable<(BlockDevice Loop, string Path, FileIdentity File)> LoopFiles(KernelRoots roots)
    {
        foreach (string folder in Folders(Path.Combine(roots.Sys, "block")))
        {
            if (!Path.GetFileName(folder).StartsWith("loop", StringComparison.Ordinal)) continue;
            string? path = AttributeFile.Read(Path.Combine(folder, "loop/backing_file"));
            if (path is null || At(roots, folder) is not { } loop) continue;
            if ((LoopBacking.Of(loop) ?? FileIdentity.Of(path)) is { } file) yield return (loop, path, file);
        }
    }

    private static BlockDevice? At(KernelRoots roots, string folder) =>
        DeviceNumber.TryParse(AttributeFile.Read(Path.Combine(folder, "dev")), out DeviceNumber number)
            ? new(roots, folder, number)
            : null;

    /// <summary>An attribute that names something: blanks around it and an empty one are no name.</summary>
    private string? Named(string name) => Attribute(name)?.Trim() is { Length: > 0 } text ? text : null;

    private string? Attribute(string name)
    {
        if (_attributes.TryGetValue(name, out string? known)) return known;
        return _attributes[name] = AttributeFile.Read(Path.Combine(_folder, name));
    }

    /// <summary>Those whose name begins so and goes on, whatever they are.</summary>
    private static FileSystemEnumerable<string> Entries(string folder, string name) =>
        new(folder, (ref at) => at.ToFullPath(), Quietly)
        {
            ShouldIncludePredicate = (ref at) =>
                at.FileName.Length > name.Length && at.FileName.StartsWith(name, StringComparison.Ordinal),
        };

    private static string[] Folders(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
}
