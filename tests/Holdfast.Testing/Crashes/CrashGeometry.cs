// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Crashes;

/// <summary>A way to make a filesystem that is to crash: with a log so small that work soon wraps it.</summary>
/// <param name="Name">How tests call it.</param>
/// <param name="Arguments">For mkfs.xfs, separated by blanks.</param>
/// <param name="SizeMiB">Length of the data device in MiB.</param>
/// <param name="LogMiB">Length of an external log device in MiB; 0 for an internal log.</param>
/// <param name="Options">For mount.</param>
public sealed record CrashGeometry(
    string Name, string Arguments, int SizeMiB = 200, int LogMiB = 0, string Options = "")
{
    /// <summary>Each differs from the first in what its name says.</summary>
    public static IReadOnlyList<CrashGeometry> All { get; } =
    [
        new("default", "-m rmapbt=1 -n parent=1 -i exchange=1 -l size=10m"),
        new("no-rmapbt", "-m rmapbt=0 -n parent=1 -l size=10m"),
        new("no-parent", "-m rmapbt=1 -n parent=0 -l size=14m"),
        new("no-reflink", "-m rmapbt=1,reflink=0 -n parent=1 -l size=10m"),
        new("old-v5",
            "-m finobt=0,rmapbt=0,reflink=0,bigtime=0,inobtcount=0 -i sparse=0,nrext64=0,exchange=0 -n parent=0 "
            + "-d agcount=2 -l size=4m"),
        new("nrext64-off", "-m rmapbt=1 -i nrext64=0,exchange=0 -n parent=0 -l size=14m"),
        new("block-1k", "-b size=1024 -m rmapbt=1 -n parent=1 -l size=10m"),
        new("block-1k-no-rmapbt-folder-block-8k", "-b size=1024 -n size=8192,parent=0 -m rmapbt=0 -l size=10m"),
        new("block-2k-inode-1k", "-b size=2048 -i size=1024 -m rmapbt=1 -n parent=1 -l size=10m"),
        new("block-16k", "-b size=16384 -m rmapbt=1 -n parent=1 -l size=24m", SizeMiB: 400),
        new("block-64k", "-b size=65536 -m rmapbt=1 -n parent=1 -l size=72m", SizeMiB: 1000),
        new("metadir", "-m rmapbt=1,metadir=1 -n parent=1 -l size=10m"),
        new("stripe", "-d su=65536,sw=4 -m rmapbt=1 -n parent=1 -l size=12m,su=65536"),
        new("log-stripe-4k", "-m rmapbt=1 -n parent=1 -l size=10m,su=4096", Options: "logbsize=256k"),
        new("sector-4k", "-s size=4096 -m rmapbt=1 -n parent=1 -l size=10m"),
        new("external-log", "-m rmapbt=1 -n parent=1", LogMiB: 12),
        new("full", "-m rmapbt=1 -n parent=1 -i exchange=1 -l size=10m", SizeMiB: 64),
        new("full-no-rmapbt", "-b size=1024 -m rmapbt=0 -n parent=0 -l size=10m", SizeMiB: 60),
        new("many-groups", "-d agcount=10 -m rmapbt=1 -n parent=1 -l size=10m"),
        new("one-group", "-d agcount=1 -m rmapbt=1 -n parent=1 -l size=10m", Options: "logbsize=16k"),
    ];

    public static CrashGeometry Named(string name) =>
        All.FirstOrDefault(geometry => geometry.Name == name) ?? throw new ArgumentException($"no geometry {name}");

    public ImageSet MakeFilesystem(Scratch scratch)
    {
        string data = scratch.SparseFile("data.img", (long)SizeMiB << 20);
        string[] arguments = ["--unsupported", .. Arguments.Split(' ')];
        if (LogMiB == 0)
        {
            XfsPrograms.Newer.MakeFilesystem(data, arguments);
            return new(data);
        }

        string log = scratch.SparseFile("log.img", (long)LogMiB << 20);
        XfsPrograms.Newer.MakeFilesystem(data, [.. arguments, "-l", $"logdev={log}"]);
        return new(data, log);
    }

    public override string ToString() => Name;
}
