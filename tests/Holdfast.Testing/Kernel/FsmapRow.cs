// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// One row as the kernel maps a filesystem, from FS_IOC_GETFSMAP or XFS_IOC_GETBMAPX. All numbers are bytes. Inode,
/// fork and offset mean something only where the owner is an inode; offset is 0 for block-map rows.
/// </summary>
public readonly record struct FsmapRow(
    DeviceRole Device, long Physical, long Length, OwnerKind Owner, ulong Inode = 0, ForkKind Fork = ForkKind.Data,
    long Offset = 0, bool Unwritten = false, bool Shared = false, bool BlockMap = false)
{
    private static readonly (OwnerKind Kind, string Word)[] Words =
    [
        (OwnerKind.Free, "free"), (OwnerKind.Unknown, "unknown"), (OwnerKind.Filesystem, "filesystem"),
        (OwnerKind.Log, "log"), (OwnerKind.Ag, "ag"), (OwnerKind.InodeBtree, "inode_btree"),
        (OwnerKind.Inodes, "inodes"), (OwnerKind.RefcountBtree, "refcount_btree"),
        (OwnerKind.CowStaging, "cow_staging"),
    ];

    public long End => Physical + Length;

    public bool IsInode => Owner == OwnerKind.Inode;

    /// <summary>
    /// The same as one line of tab-separated text: device, physical, length, inode or owner, fork, offset, flags.
    /// </summary>
    public override string ToString()
    {
        string device = Device switch { DeviceRole.Data => "data", DeviceRole.Log => "log", _ => "rt" };
        string head = $"{device}\t{Physical}\t{Length}";
        if (!IsInode) return $"{head}\t{WordOf(Owner)}\t-\t-\t-";
        string flags = string.Join(',', Flags());
        return $"{head}\t{Inode}\t{(Fork == ForkKind.Data ? "data" : "attr")}\t{(BlockMap ? "-" : Offset)}"
            + $"\t{(flags.Length == 0 ? "-" : flags)}";
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is no such line.</exception>
    public static FsmapRow Parse(string line)
    {
        string[] part = line.Split('\t');
        if (part.Length != 7) throw new FormatException($"seven columns wanted: {line}");
        DeviceRole device = part[0] switch
        {
            "data" => DeviceRole.Data,
            "log" => DeviceRole.Log,
            "rt" => DeviceRole.Realtime,
            _ => throw new FormatException($"no such device: {part[0]}"),
        };
        long physical = long.Parse(part[1], CultureInfo.InvariantCulture);
        long length = long.Parse(part[2], CultureInfo.InvariantCulture);
        int word = Array.FindIndex(Words, word => word.Word == part[3]);
        if (word >= 0) return new(device, physical, length, Words[word].Kind);
        string[] flags = part[6].Split(',');
        return new(
            device, physical, length, OwnerKind.Inode, ulong.Parse(part[3], CultureInfo.InvariantCulture),
            part[4] == "attr" ? ForkKind.Attribute : ForkKind.Data,
            part[5] == "-" ? 0 : long.Parse(part[5], CultureInfo.InvariantCulture),
            flags.Contains("unwritten"), flags.Contains("shared"), flags.Contains("block_map"));
    }

    private static string WordOf(OwnerKind owner) => Array.Find(Words, word => word.Kind == owner).Word;

    private IEnumerable<string> Flags()
    {
        if (Unwritten) yield return "unwritten";
        if (Shared) yield return "shared";
        if (BlockMap) yield return "block_map";
    }
}
