// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Oracle;

/// <summary>One way to make an XFS: the mkfs arguments, and which mkfs knows them.</summary>
/// <param name="Name">How tests call it.</param>
/// <param name="Arguments">For mkfs.xfs, separated by blanks.</param>
/// <param name="SizeMiB">Length of the data device in MiB.</param>
/// <param name="Newer">Whether it takes the newer xfsprogs.</param>
/// <param name="LogMiB">Length of an external log device in MiB; 0 for an internal log.</param>
public sealed record XfsGeometry(string Name, string Arguments, int SizeMiB = 320, bool Newer = false, int LogMiB = 0)
{
    // A log that fits into a small group; mkfs has taken less than 64 MiB only so since 5.19.
    private const string Small = "--unsupported -l size=16m";
    private const string NoNewFeatures = "finobt=0,rmapbt=0,reflink=0,bigtime=0,inobtcount=0";

    /// <summary>
    /// Every geometry that this kernel family mounts. Each differs from its neighbours in what its name says; together
    /// they have every value of every feature.
    /// </summary>
    public static IReadOnlyList<XfsGeometry> All { get; } =
    [
        new("default", "-m rmapbt=1"),
        new("no-rmapbt", "-m rmapbt=0"),
        new("no-reflink", "-m rmapbt=1,reflink=0"),
        new("no-rmapbt-no-reflink", "-m rmapbt=0,reflink=0"),
        new("block-1k", "-b size=1024 -m rmapbt=1"),
        new("block-1k-no-rmapbt", "-b size=1024 -m rmapbt=0"),
        new("block-2k", "-b size=2048 -m rmapbt=1 -i size=1024"),
        new("block-16k", "-b size=16384 -m rmapbt=1", SizeMiB: 600),
        new("block-64k", "-b size=65536 -m rmapbt=1", SizeMiB: 1200),
        new("block-64k-no-rmapbt", "-b size=65536 -m rmapbt=0", SizeMiB: 1200),
        new("folder-block-64k", "-n size=65536 -m rmapbt=1"),
        new("block-1k-folder-block-8k", "-b size=1024 -n size=8192 -m rmapbt=1"),
        new("old-v5", $"-m {NoNewFeatures} -i sparse=0"),
        new("no-counts", "-m inobtcount=0,rmapbt=1"),
        new("no-finobt-no-sparse", "-m finobt=0,inobtcount=0,rmapbt=1 -i sparse=0"),
        new("inode-2k", "-i size=2048 -m rmapbt=1"),
        new("sector-4k", "-s size=4096 -m rmapbt=1"),
        new("many-groups", $"{Small} -d agcount=40 -m rmapbt=1", SizeMiB: 800),
        new("many-groups-no-rmapbt", $"{Small} -d agcount=40 -m rmapbt=0", SizeMiB: 800),
        new("one-group", "--unsupported -d agcount=1 -m rmapbt=1"),
        new("stripe", "-d su=65536,sw=4 -l su=65536 -m rmapbt=1", SizeMiB: 640),
        new("odd-size", "-d size=330067968 -m rmapbt=1"),
        new("external-log", "-m rmapbt=1", LogMiB: 70),
        new("parent", "-m rmapbt=1 -n parent=1", Newer: true),
        new("parent-no-rmapbt", "-m rmapbt=0 -n parent=1", Newer: true),
        new("parent-block-1k", "-b size=1024 -m rmapbt=1 -n parent=1", Newer: true),
        new("newest", "-m rmapbt=1,metadir=1 -n parent=1 -i exchange=1,nrext64=1", Newer: true),
        new("metadir-no-rmapbt", "-m rmapbt=0,metadir=1", Newer: true),
        new("nrext64-off", "-m rmapbt=1,bigtime=0 -i nrext64=0,exchange=0", Newer: true),
    ];

    public static XfsGeometry Named(string name) =>
        All.FirstOrDefault(geometry => geometry.Name == name) ?? throw new ArgumentException($"no geometry {name}");

    public XfsPrograms Programs => Newer ? XfsPrograms.Newer : XfsPrograms.System;

    public bool HasRmapbt => Arguments.Contains("rmapbt=1", StringComparison.Ordinal);

    /// <summary>Makes an empty filesystem in image files of the scratch folder.</summary>
    public ImageSet MakeFilesystem(Scratch scratch)
    {
        string data = scratch.SparseFile("data.img", (long)SizeMiB << 20);
        string[] arguments = Arguments.Split(' ');
        if (LogMiB == 0)
        {
            Programs.MakeFilesystem(data, arguments);
            return new(data);
        }

        string log = scratch.SparseFile("log.img", (long)LogMiB << 20);
        Programs.MakeFilesystem(data, [.. arguments, "-l", $"logdev={log}"]);
        return new(data, log);
    }

    public override string ToString() => Name;
}
