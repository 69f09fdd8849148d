// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>A clean filesystem into whose log transactions are written; then recovered by us and by a mount.</summary>
internal sealed class IntentCase : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Scratch _scratch = new("intents");
    private readonly ImageSet _images;
    private readonly Dictionary<string, ulong> _inodes;
    private readonly Reader _reader;
    private readonly ILookup<ulong, FsmapRow> _rows;
    private ulong _id = 0x5000;

    /// <param name="arguments">For mkfs.xfs.</param>
    /// <param name="prepare">Fills the mounted filesystem.</param>
    public IntentCase(string arguments, Action<Tree> prepare)
    {
        _images = new(_scratch.SparseFile("data.img", 320L << 20));
        XfsPrograms.Newer.MakeFilesystem(_images.Data, ["--unsupported", .. arguments.Split(' ')]);
        using (LoopMount mount = LoopMount.Writable(_images, _scratch))
        {
            using var tree = new Tree(mount.Point);
            prepare(tree);
            tree.Sync();
            _inodes = ProgramRun.Require("find", mount.Point, "-mindepth", "1", "-printf", "%P %i\n").Text
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .ToDictionary(part => part[0], part => ulong.Parse(part[1], CultureInfo.InvariantCulture));
        }

        _reader = new(_images.Data);
        _rows = _reader.Map(useRmapbt: false).Where(row => row is { IsInode: true, BlockMap: false })
            .ToLookup(row => row.Inode);
        Log = new(_images);
    }

    public ConstructedLog Log { get; }

    public Geometry Geometry => _reader.Volume.Geometry;

    /// <summary>Cleanly unmounted, until <see cref="Compare"/> has written the log.</summary>
    public ImageSet Images => _images;

    /// <summary>A number for the next intent.</summary>
    public ulong NextId => _id++;

    public ulong InodeOf(string file) => _inodes[file];

    public byte[] BytesOf(string file)
    {
        byte[] buffer = new byte[Geometry.InodeSize];
        using DeviceBlockSource source = DeviceBlockSource.Open(_images.Data);
        Assert.True(source.Read(Geometry.ByteOf(new InodeNumber(InodeOf(file))), buffer).IsNone);
        return buffer;
    }

    public AgBlock RmapbtRoot(uint ag, out int levels)
    {
        BtreeRoot root = _reader.Volume.Group(ag).Free!.Value.Rmapbt;
        levels = root.Levels;
        return root.Block;
    }

    /// <summary>A block of the first group.</summary>
    public byte[] Block(AgBlock block)
    {
        byte[] bytes = new byte[Geometry.BlockSize];
        using DeviceBlockSource source = DeviceBlockSource.Open(_images.Data);
        Assert.True(source.Read(Geometry.ByteOf(0, block), bytes).IsNone);
        return bytes;
    }

    /// <summary>Writes a block of the first group into the image.</summary>
    public void Put(AgBlock block, byte[] bytes)
    {
        using FileStream file = File.Open(_images.Data, FileMode.Open, FileAccess.ReadWrite);
        file.Position = Geometry.ByteOf(0, block);
        file.Write(bytes);
    }

    public (uint Generation, long Size) StatOf(string file)
    {
        byte[] buffer = new byte[Geometry.InodeSize];
        Assert.True(InodeReader.Read(_reader.Volume, new(InodeOf(file)), buffer, out Inode inode));
        return (inode.Generation, inode.Size);
    }

    /// <summary>The data fork, by offset.</summary>
    public IReadOnlyList<ExtentRecord> ExtentsOf(string file) =>
    [
        .. _rows[InodeOf(file)].Where(row => row.Fork == ForkKind.Data).OrderBy(row => row.Offset).Select(row =>
        {
            long block = row.Physical / Geometry.BlockSize;
            uint ag = (uint)(block / Geometry.AgBlocks);
            return new ExtentRecord(
                new((ulong)(row.Offset / Geometry.BlockSize)),
                Geometry.FsBlockOf(ag, new((uint)(block % Geometry.AgBlocks))), (uint)(row.Length / Geometry.BlockSize),
                row.Unwritten);
        }),
    ];

    /// <summary>The item of an inode whose data fork changed.</summary>
    public byte[][] Changed(string file, IReadOnlyList<ExtentRecord> extents) =>
        InodeRegions.Of(Geometry, new(InodeOf(file)), BytesOf(file), extents);

    /// <summary>Recovers both ways and compares.</summary>
    /// <param name="intents">How many are open.</param>
    public void Compare(string what, int intents, bool attributes = false)
    {
        Log.Write(attributes);
        using var ours = new RecoveredImage(_images);
        Assert.Equal(intents, ours.Log.OpenIntents.Count);
        ImageSet copy = LogImage.Copy(_images, _scratch);
        using LoopMount mount = LoopMount.ReadOnly(copy, _scratch, recoverLog: true);
        RecoveryComparison comparison = RecoveryComparison.Of(KernelAnswers.Ask(mount.Point, mount.RoleOf), ours);
        Assert.True(comparison.IsEqual, $"{what}: {comparison}");
        Assert.Equal(intents, ours.Finished.IntentsFinished);
    }

    /// <summary>As <see cref="Compare"/>, with a mount that may write: what its workers free is then gone for
    /// certain, a moment later.</summary>
    public void CompareWritable(string what)
    {
        Log.Write();
        using var ours = new RecoveredImage(_images);
        ImageSet copy = LogImage.Copy(_images, _scratch);
        using LoopMount mount = LoopMount.Writable(copy, _scratch);
        RecoveryComparison comparison;
        var waited = Stopwatch.StartNew();
        do
        {
            Thread.Sleep(200);
            comparison = RecoveryComparison.Of(KernelAnswers.Ask(mount.Point, mount.RoleOf), ours);
        }
        while ((!comparison.IsEqual || comparison.Notes.Count > 0) && waited.Elapsed < Patience);
        Assert.True(comparison.IsEqual && comparison.Notes.Count == 0, $"{what}: {comparison}");
        Assert.NotEmpty(ours.Finished.TailsFreed);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _scratch.Dispose();
    }
}
