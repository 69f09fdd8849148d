// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Failures;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Workloads;

namespace Holdfast.Testing.Oracle;

/// <summary>
/// A filesystem made by mkfs, filled by the workload, unmounted cleanly, and what the kernel then says of it through a
/// read-only mount: reverse map, block maps, paths. Made once a test process for each geometry and seed.
/// </summary>
public sealed class OracleImage
{
    private static readonly ConcurrentDictionary<(string Name, int Seed, int Scale), Lazy<OracleImage>> Made = new();

    private static readonly ConcurrentBag<FileStream> Open = [];

    private OracleImage(
        XfsGeometry geometry, int seed, ImageSet images, IReadOnlyList<FsmapRow> fsmap, IReadOnlyList<FsmapRow> bmap,
        IReadOnlySet<ulong> mappable, InodePaths paths)
    {
        Geometry = geometry;
        Seed = seed;
        Images = images;
        Fsmap = fsmap;
        Bmap = bmap;
        MappableInodes = mappable;
        Paths = paths;
    }

    public XfsGeometry Geometry { get; }

    public int Seed { get; }

    /// <summary>Readable as long as this process lives.</summary>
    public ImageSet Images { get; }

    /// <summary>
    /// Every row of FS_IOC_GETFSMAP, in its order, taken before anything else was done with the mount.
    /// </summary>
    public IReadOnlyList<FsmapRow> Fsmap { get; }

    /// <summary>XFS_IOC_GETBMAPX of every regular file and directory.</summary>
    public IReadOnlyList<FsmapRow> Bmap { get; }

    /// <summary>The inodes that <see cref="Bmap"/> answers for.</summary>
    public IReadOnlySet<ulong> MappableInodes { get; }

    /// <summary>What find says.</summary>
    public InodePaths Paths { get; }

    /// <param name="geometry">The name of a geometry.</param>
    /// <param name="seed">Of the workload; named in failures, so that one can be run again.</param>
    /// <param name="scale">Of the workload.</param>
    public static OracleImage Get(string geometry, int seed = 1, int scale = 1) => Made
        .GetOrAdd((geometry, seed, scale), key => new(() => Make(XfsGeometry.Named(key.Name), key.Seed, key.Scale)))
        .Value;

    private static OracleImage Make(XfsGeometry geometry, int seed, int scale)
    {
        using var scratch = new Scratch(geometry.Name);
        ImageSet images = MakeFilesystem(geometry, scratch);
        using (LoopMount mount = LoopMount.Writable(images, scratch)) Workload.Run(mount.Point, seed, scale);
        return Ask(geometry, seed, images, scratch);
    }

    /// <summary>
    /// Keeps a file readable by a name of the process's own while its real name is removed: nothing is left behind
    /// however the process ends.
    /// </summary>
    private static string Held(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Open.Add(file);
        return $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}";
    }

    /// <summary>An empty filesystem of this geometry in files of <paramref name="scratch"/>.</summary>
    public static ImageSet MakeFilesystem(XfsGeometry geometry, Scratch scratch)
    {
        string data = scratch.SparseFile("data.img", (long)geometry.SizeMiB << 20);
        string[] arguments = geometry.Arguments.Split(' ');
        if (geometry.LogMiB == 0)
        {
            geometry.Programs.MakeFilesystem(data, arguments);
            return new(data);
        }

        string log = scratch.SparseFile("log.img", (long)geometry.LogMiB << 20);
        geometry.Programs.MakeFilesystem(data, [.. arguments, "-l", $"logdev={log}"]);
        return new(data, log);
    }

    private static OracleImage Ask(XfsGeometry geometry, int seed, ImageSet images, Scratch scratch)
    {
        var held = new ImageSet(Held(images.Data), images.Log is null ? null : Held(images.Log));
        using LoopMount mount = LoopMount.ReadOnly(images, scratch);
        IReadOnlyList<FsmapRow> fsmap = Kernel.Fsmap.ReadAll(mount);
        using var root = new Tree(mount.Point);
        IReadOnlyList<InodeStat> inodes = Bulkstat.ReadAll(root);
        IReadOnlyList<FsmapRow> bmap = Kernel.Bmap.ReadAll(root, inodes);
        HashSet<ulong> mappable = [.. inodes.Where(at => at.IsRegular || at.IsDirectory).Select(at => at.Inode)];
        return new(geometry, seed, held, fsmap, bmap, mappable, InodePaths.Find(mount.Point));
    }
}
