// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Testing.Workloads;

namespace Holdfast.Testing.Oracle;

/// <summary>
/// A cleanly unmounted filesystem and what the kernel says of it: made here by mkfs and the workload, or taken from the
/// images in the tree. Each is made once a test process.
/// </summary>
public sealed class OracleImage
{
    private static readonly ConcurrentDictionary<(string Name, int Seed, double Scale), Lazy<OracleImage>> Made = new();
    private static readonly ConcurrentDictionary<string, Lazy<OracleImage>> Unpacked = new();
    private static readonly ConcurrentBag<FileStream> Open = [];

    private OracleImage(string name, ImageSet images, KernelAnswers answers)
    {
        Name = name;
        Images = images;
        Answers = answers;
        MappableInodes = answers.Inodes.Where(at => at.IsMappable).Select(at => at.Inode).ToHashSet();
        Paths = InodePaths.FromZeroSeparated(answers.Paths);
    }

    /// <summary>Geometry and seed, for messages: enough to make it again.</summary>
    public string Name { get; }

    /// <summary>Readable as long as this process lives.</summary>
    public ImageSet Images { get; }

    public KernelAnswers Answers { get; }

    public IReadOnlyList<FsmapRow> Fsmap => Answers.Fsmap;

    public IReadOnlyList<FsmapRow> Bmap => Answers.Bmap;

    /// <summary>The inodes that <see cref="Bmap"/> answers for.</summary>
    public IReadOnlySet<ulong> MappableInodes { get; }

    public InodePaths Paths { get; }

    /// <summary>Without one the kernel's reverse map knows no owners.</summary>
    public bool HasRmapbt => Fsmap.Any(row => row.IsInode);

    /// <param name="geometry">The name of a geometry.</param>
    /// <param name="seed">Of the workload.</param>
    /// <param name="scale">Of the workload.</param>
    public static OracleImage Get(string geometry, int seed = 1, double scale = 1) => Made
        .GetOrAdd((geometry, seed, scale), key => new(() => Make(XfsGeometry.Named(key.Name), key.Seed, key.Scale)))
        .Value;

    /// <summary>One of the images in <c>tests/images</c>.</summary>
    public static OracleImage Bundled(string name) => Unpacked.GetOrAdd(name, key => new(() => Unpack(key))).Value;

    /// <summary>
    /// One of the images in <c>tests/images/crashed</c>: the answers are those that the kernel gave after recovery.
    /// </summary>
    public static OracleImage Crashed(string name) => Bundled("crashed/" + name);

    private static OracleImage Make(XfsGeometry geometry, int seed, double scale)
    {
        using var scratch = new Scratch(geometry.Name);
        ImageSet images = geometry.MakeFilesystem(scratch);
        using (LoopMount mount = LoopMount.Writable(images, scratch)) Workload.Run(mount.Point, seed, scale);
        ImageSet held = Held(images);
        using (LoopMount mount = LoopMount.ReadOnly(images, scratch))
        {
            return new($"{geometry.Name}, seed {seed}", held, KernelAnswers.Ask(mount.Point, mount.RoleOf));
        }
    }

    private static OracleImage Unpack(string name)
    {
        using var scratch = new Scratch(Path.GetFileName(name));
        string stem = Checkout.PathOf("tests", "images", name);
        string image = scratch.PathOf("data.img");
        Packed.ReadFile(stem + ".img", image);
        string? log = Packed.Exists(stem + ".log.img") ? scratch.PathOf("log.img") : null;
        if (log is not null) Packed.ReadFile(stem + ".log.img", log);
        return new(name, Held(new(image, log)), KernelAnswers.Load(stem));
    }

    private static ImageSet Held(ImageSet images) => new(
        HeldFile(images.Data), images.Log is { } log ? HeldFile(log) : null,
        images.Realtime is { } realtime ? HeldFile(realtime) : null);

    /// <summary>
    /// Keeps a file readable by a name of the process's own while its real name is removed: nothing is left behind
    /// however the process ends.
    /// </summary>
    private static string HeldFile(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Open.Add(file);
        return $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}";
    }
}
