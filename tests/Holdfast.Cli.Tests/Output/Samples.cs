// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Tests.Output;

/// <summary>Reports as the reader would give them, made by hand.</summary>
internal static class Samples
{
    private static readonly ReportVolume Volume = new()
    {
        Name = "partition 2",
        Uuid = new("5f3a0d6c-8a52-4b60-9df4-0c1c7f5e2a11"),
        Label = "archive",
        Offset = 1 << 20,
        Length = 300L << 20,
        BlockSize = 4096,
    };

    public static LocateReport Nothing => new()
    {
        AnsweredBy = "device",
        Target = "disk.img",
        Volume = Volume with { Name = "", Label = "" },
        Ranges = ByteRangeSet.From([new(8192, 4096)]),
        Impacts = [Special(OwnerKind.Free, 8192, 4096)],
    };

    public static LocateReport Everything => new()
    {
        AnsweredBy = "device",
        Target = "disk.img",
        Volume = Volume,
        Ranges = ByteRangeSet.From([new(1 << 20, 4096), new(3 << 20, 65536)]),
        Sources = [new("mapfile", "rescue.map", 2, 69632)],
        Impacts = [.. Files, .. Metadata, .. Harmless],
        Outside = [new(new(0, 512), "partition table (MBR)")],
        AnswerIsComplete = false,
        Faults =
        [
            new(DeviceRole.Data, 40960, 4096, "rmapbt", "bb_crc", "0x1234abcd", "0x00000000"),
            new(DeviceRole.Data, 0, 512, "superblock", "read", "", "lies in a given bad range")
            {
                IsWorkedAround = true,
            },
        ],
        Gaps = ["the log is dirty and was not replayed"],
        Notes = ["the realtime device is not answered for"],
    };

    private static IEnumerable<Impact> Files =>
    [
        File(131, 0, 8192, "projects/2024/annual report.pdf", "home/alice/annual.pdf"),
        File(131, 20480, 4096, "projects/2024/annual report.pdf", "home/alice/annual.pdf"),
        File(132, 61440, 4096, "tail.bin") with { FileSize = 61441 },
        File(133, 4096, 4096, "shared.qcow2") with { Shared = true, Confidence = Confidence.Low, FileSize = 1L << 30 },
        File(134, 0, 4096) with { Paths = [new(Encoding.Latin1.GetBytes("caf\xe9/\x1b[31mred\n")), ] },
        File(135, 0, 4096) with { Paths = [], FileSize = null },
        File(136, 0, 4096, "mapped.db") with
        {
            Severity = Severity.Metadata,
            Structure = "bmbt",
            Cost = "The block map of the file is lost here: the content is there, but cannot be found.",
            FileOffset = null,
            BlockMap = true,
            LostMappings = [new(1 << 20, 1 << 20)],
            FileSize = 4 << 20,
        },
    ];

    private static IEnumerable<Impact> Metadata =>
    [
        new()
        {
            Owner = OwnerKind.Inodes,
            Physical = 5 << 20,
            Length = 16384,
            Severity = Severity.Metadata,
            Structure = "inode chunk",
            Cost = "2 inodes are lost: their files and directories cannot be opened.",
            LostInodes =
            [
                new(200, [PathName.FromText("gone/one"), PathName.FromText("gone/eins")], [new(6 << 20, 8192)], true),
                new(201, [], [], false),
            ],
        },
        new()
        {
            Owner = OwnerKind.Inode,
            Inode = 300,
            Fork = ForkKind.Data,
            FileType = "directory",
            Physical = 7 << 20,
            Length = 4096,
            FileOffset = 0,
            Severity = Severity.Metadata,
            Structure = "directory data",
            Cost = "Entries cannot be found by name any more.",
            Paths = [PathName.FromText("projects")],
            LostEntries = [new(131, "file", PathName.FromText("annual report.pdf")), new(301, null, null)],
        },
        new()
        {
            Owner = OwnerKind.Inode,
            Inode = 302,
            Fork = ForkKind.Attribute,
            Physical = 8 << 20,
            Length = 4096,
            FileOffset = 0,
            Severity = Severity.Metadata,
            Structure = "attribute leaf",
            Paths = [PathName.FromText("with acl")],
            AttributeKinds = ["acl", "user"],
        },
        new() { Owner = OwnerKind.Log, Physical = 9 << 20, Length = 512, Severity = Severity.Metadata },
    ];

    private static IEnumerable<Impact> Harmless =>
    [
        Special(OwnerKind.Free, 10 << 20, 8192),
        Special(OwnerKind.Outside, 400 << 20, 512),
        Special(OwnerKind.CowStaging, 11 << 20, 4096),
        Special(OwnerKind.Unknown, 12 << 20, 4096),
        File(131, 1 << 20, 4096, "past the end") with { Severity = Severity.Harmless, BeyondEof = true },
        File(137, 0, 4096, "prealloc") with { Severity = Severity.Harmless, Unwritten = true },
    ];

    /// <summary>A report of so many damaged files, a block each.</summary>
    public static LocateReport Many(int count) => new()
    {
        AnsweredBy = "device",
        Target = "disk.img",
        Volume = Volume,
        Ranges = ByteRangeSet.From(Enumerable.Range(0, count).Select(i => new ByteRange(i * 8192L, 4096))),
        Impacts = [.. Enumerable.Range(0, count).Select(i => File(1000 + (ulong)i, 0, 4096, $"many/file-{i:d6}"))],
    };

    public static Impact File(ulong inode, long offset, long length, params string[] paths) => new()
    {
        Owner = OwnerKind.Inode,
        Inode = inode,
        Fork = ForkKind.Data,
        FileType = "file",
        FileSize = 65536,
        Physical = (long)inode * 65536 + offset,
        Length = length,
        FileOffset = offset,
        Severity = Severity.FileData,
        Paths = [.. paths.Select(PathName.FromText)],
    };

    private static Impact Special(OwnerKind owner, long physical, long length) => new()
    {
        Owner = owner,
        Physical = physical,
        Length = length,
        Severity = Severity.Harmless,
    };
}
