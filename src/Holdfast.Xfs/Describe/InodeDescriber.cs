// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Describe;

/// <summary>Takes one inode apart: its core, its paths, the extents of its forks, the names of its
/// attributes.</summary>
public static class InodeDescriber
{
    /// <summary>Rows of a table that are kept.</summary>
    public const int RowsMax = 10_000;

    /// <returns>Null where the inode cannot be believed: the volume's faults say why.</returns>
    public static Description? Describe(XfsVolume volume, InodeNumber number,
        CancellationToken cancellationToken = default)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        BlockFault fault = InodeReader.TryRead(volume, number, buffer, out Inode inode);
        if (!fault.IsNone)
        {
            long at = volume.Geometry.IsValid(number) ? volume.Geometry.ByteOf(number) : 0;
            volume.Faults.Add(fault, DeviceRole.Data, at, volume.Geometry.InodeSize, $"inode {number}");
            return null;
        }

        if (inode.IsFree) return new($"inode {number}, free", [new("byte", $"{volume.Geometry.ByteOf(number)}")], []);
        string? system = SystemFiles.WordFor(volume.Geometry, in inode);
        var tables = new List<Table>();
        if (!inode.IsRealtime) AddExtents(volume, in inode, ForkKind.Data, tables);
        AddExtents(volume, in inode, ForkKind.Attribute, tables);
        AddAttributes(volume, in inode, tables);
        AddPaths(volume, in inode, system, tables, cancellationToken);
        return new($"inode {number}, a {system ?? inode.Type.Word()}", Fields(volume, in inode), tables);
    }

    private static List<Field> Fields(XfsVolume volume, in Inode inode) =>
    [
        new("byte", $"{volume.Geometry.ByteOf(inode.Number)}"),
        new("group", $"{volume.Geometry.AgOf(inode.Number)}"),
        new("mode", Convert.ToString(inode.Mode, 8)),
        new("version", $"{inode.Version}"),
        new("size", $"{inode.Size}"),
        new("blocks", $"{inode.Blocks}"),
        new("links", $"{inode.Links}"),
        new("uid", $"{inode.UserId}"),
        new("gid", $"{inode.GroupId}"),
        new("generation", $"{inode.Generation}"),
        new("flags", $"0x{inode.Flags:x}"),
        new("flags2", $"0x{inode.Flags2:x}"),
        new("data_format", inode.DataFormat.ToString().ToLowerInvariant()),
        new("data_extents", $"{inode.DataExtents}"),
        new("attribute_format", inode.HasAttributeFork ? inode.AttributeFormat.ToString().ToLowerInvariant() : "none"),
        new("attribute_extents", $"{inode.AttributeExtents}"),
        new("realtime", inode.IsRealtime ? "true" : "false"),
        new("reflinked", inode.IsReflinked ? "true" : "false"),
    ];

    private static void AddExtents(XfsVolume volume, in Inode inode, ForkKind fork, List<Table> tables)
    {
        Geometry geometry = volume.Geometry;
        ExtentList list = ExtentList.Read(volume, in inode, fork, 0, ForkWalk.OffsetEnd);
        if (list.Extents.Count == 0) return;
        List<IReadOnlyList<string>> rows =
        [
            .. list.Extents.Take(RowsMax).Select(e => (string[])
            [
                $"{(long)e.Offset.Value << geometry.BlockLog}", $"{geometry.ByteOf(e.Start)}",
                $"{(long)e.Length << geometry.BlockLog}", e.Unwritten ? "unwritten" : "",
            ]),
        ];
        string title = fork == ForkKind.Data ? "data extents" : "attribute extents";
        tables.Add(new(title, ["offset", "physical", "length", "state"], rows, list.Extents.Count));
    }

    private static void AddAttributes(XfsVolume volume, in Inode inode, List<Table> tables)
    {
        var collect = new Attributes([]);
        using (var reader = new AttributeReader(volume)) reader.Read(in inode, ref collect);
        if (collect.Rows.Count > 0)
        {
            tables.Add(new("attributes", ["kind", "name", "length", "value_in"], collect.Rows, collect.Rows.Count));
        }
    }

    private static void AddPaths(
        XfsVolume volume, in Inode inode, string? system, List<Table> tables, CancellationToken cancellationToken)
    {
        bool isRoot = inode.Number == volume.Geometry.RootInode;
        if (system is not null || inode.Links == 0 || isRoot) return;
        uint links = inode.Type == FileType.Directory ? 1 : inode.Links;
        PathAnswer answer = new PathFinder(volume).Find([new(inode.Number.Value, links)], cancellationToken);
        IReadOnlyList<PathName> paths = answer.Of(inode.Number.Value);
        tables.Add(new("paths", ["path"], [.. paths.Take(RowsMax).Select(p => (string[])[p.ToString()])], paths.Count));
    }

    private readonly struct Attributes(List<IReadOnlyList<string>> rows) : IAttributeVisitor
    {
        public List<IReadOnlyList<string>> Rows => rows;

        public void Attribute(in AttributeEntry attribute)
        {
            if (rows.Count >= RowsMax) return;
            rows.Add(
            [
                attribute.Kind, Encoding.UTF8.GetString(attribute.Name), $"{attribute.ValueLength}",
                attribute.IsLocal ? "the inode or leaf" : $"attribute block {attribute.ValueBlock}",
            ]);
        }

        public void Lost(FileBlock block, uint lowHash, uint highHash)
        {
        }
    }
}
