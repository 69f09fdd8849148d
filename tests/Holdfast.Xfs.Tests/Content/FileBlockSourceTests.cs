// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Content;

/// <summary>
/// Goal: a file read as a disk gives what read(2) gives at every offset, and a fault, at the right byte, for everything
/// that is lost. Method: a file of pieces, holes and unwritten space that a kernel made, and damage done to its blocks
/// and to its block map.
/// </summary>
public sealed class FileBlockSourceTests
{
    private const int Piece = 32 << 10;
    private const int Pieces = 100;
    private const long Length = (Pieces * 3L * Piece) + 12345;

    [RootTheory]
    [InlineData("default")]
    [InlineData("block-1k")]
    [InlineData("block-64k")]
    public void Every_byte_is_what_the_kernel_reads(string geometry)
    {
        using var made = new MadeFile(geometry);
        using var reader = new Reader(made.Image);
        FileBlockSource source = made.Open(reader.Volume);
        Assert.Equal((Length, 512), (source.Length, source.SectorSize));
        byte[] whole = new byte[Length];
        Assert.True(source.Read(0, whole).IsNone);
        Assert.True(made.Content.AsSpan().SequenceEqual(whole));
        Assert.Contains(whole, value => value != 0);
        // Any number of threads at once.
        Parallel.For(0, 4, seed =>
        {
            var random = new Random(seed);
            byte[] buffer = new byte[3 * Piece];
            for (int i = 0; i < 500; i++)
            {
                int offset = (int)random.NextInt64(Length);
                Span<byte> part = buffer.AsSpan(0, random.Next((int)Math.Min(buffer.Length, Length - offset) + 1));
                part.Fill(0xEE);
                Assert.True(source.Read(offset, part).IsNone);
                Assert.True(made.Content.AsSpan(offset, part.Length).SequenceEqual(part), $"{offset}+{part.Length}");
            }
        });
        byte[] sector = new byte[512];
        Assert.True(FileBlockSource.ReadHead(reader.Volume, made.Inode, sector));
        Assert.True(made.Content.AsSpan(0, 512).SequenceEqual(sector));
    }

    [RootFact]
    public void Nothing_lies_behind_the_end()
    {
        using var made = new MadeFile("default");
        using var reader = new Reader(made.Image);
        FileBlockSource source = made.Open(reader.Volume);
        byte[] two = new byte[2];
        Assert.True(source.Read(Length - 2, two).IsNone);
        Assert.True(source.Read(Length, default).IsNone);
        Assert.Equal(new(ReadFaultKind.PastEnd, Length, 0), source.Read(Length - 1, two));
        Assert.Equal(ReadFaultKind.PastEnd, source.Read(-1, two).Kind);
        Assert.Equal(ReadFaultKind.PastEnd, source.Read(long.MaxValue, two).Kind);
        Assert.False(source.Prefetch(long.MaxValue, 1));
        Assert.Null(FileBlockSource.Open(reader.Volume, reader.Volume.Geometry.RootInode, "", out string why));
        Assert.Equal("it is no regular file", why);
        Assert.Null(FileBlockSource.Open(reader.Volume, new(ulong.MaxValue), "", out why));
        Assert.Equal("its inode cannot be believed", why);
    }

    /// <summary>C12: what the device must not be asked for is refused in the file, at the same byte.</summary>
    [RootFact]
    public void What_is_bad_below_is_bad_in_the_file()
    {
        using var made = new MadeFile("default");
        FsmapRow row = made.Rows.First(at => at is { BlockMap: false, Unwritten: false } && at.Offset > 1 << 20);
        using DeviceBlockSource device = DeviceBlockSource.Open(made.Image);
        var bad = ByteRangeSet.From([new(row.Physical + 700, 100)]);
        XfsVolume volume = XfsVolume.Open(new DistrustingBlockSource(device, bad), out _)!;
        FileBlockSource source = made.Open(volume);
        byte[] buffer = new byte[row.Length];
        Assert.True(source.Read(row.Offset, buffer.AsSpan(0, 700)).IsNone);
        Assert.True(source.Read(row.Offset + 800, buffer.AsSpan(0, 700)).IsNone);
        Assert.Equal(new(ReadFaultKind.KnownBad, row.Offset + 700, 0), source.Read(row.Offset, buffer));
        Assert.Equal(new(ReadFaultKind.KnownBad, row.Offset + 750, 0), source.Read(row.Offset + 750, buffer));
        Assert.True(source.Unmapped.IsEmpty);
    }

    [RootFact]
    public void What_has_lost_its_mapping_is_lost_and_nothing_else()
    {
        using var made = new MadeFile("block-1k");
        FsmapRow map = made.Rows.Last(at => at.BlockMap);
        using DeviceBlockSource device = DeviceBlockSource.Open(made.Image);
        // One of several leaves.
        var damaged = new DamagedBlockSource(device, map.Physical + 100, [0xFF, 0xFF, 0xFF], unreadable: false);
        XfsVolume volume = XfsVolume.Open(damaged, out _)!;
        FileBlockSource source = made.Open(volume);
        Assert.NotEmpty(volume.Faults.ToList());
        Assert.False(source.Unmapped.IsEmpty);
        byte[] sector = new byte[512];
        int refused = 0;
        for (long at = 0; at + sector.Length <= Length; at += sector.Length)
        {
            ReadFault fault = source.Read(at, sector);
            bool isLost = source.Unmapped.Overlaps(at, sector.Length);
            Assert.Equal(isLost ? new(ReadFaultKind.Unmapped, at, 0) : ReadFault.None, fault);
            if (isLost) refused++;
            else Assert.True(made.Content.AsSpan((int)at, sector.Length).SequenceEqual(sector), $"{at}");
        }

        Assert.InRange(refused, 100, (Length / 512) - 100);
    }

    /// <summary>Pieces in three states, one after another: written, unwritten, a hole.</summary>
    private sealed class MadeFile : IDisposable
    {
        private readonly Scratch _scratch = new("file-source");

        public MadeFile(string geometry)
        {
            ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(_scratch);
            Image = images.Data;
            using LoopMount mount = LoopMount.Writable(images, _scratch);
            using var root = new Tree(mount.Point);
            var random = new Random(5);
            byte[] bytes = new byte[Piece];
            using (TreeFile file = root.OpenFile("image", create: true))
            using (TreeFile other = root.OpenFile("other", create: true))
            {
                for (int i = 0; i < Pieces; i++)
                {
                    random.NextBytes(bytes);
                    file.Write(i * 3L * Piece, bytes);
                    file.Allocate(Allocation.KeepSize, ((i * 3L) + 1) * Piece, Piece);
                    file.Flush();
                    other.Write(i * (long)Piece, bytes);
                    other.Flush();
                }

                file.SetLength(Length);
            }

            root.Sync();
            Content = File.ReadAllBytes(Path.Combine(mount.Point, "image"));
            ulong inode = ulong.Parse(Holdfast.Testing.Programs.ProgramRun.Require(
                "stat", "-c", "%i", Path.Combine(mount.Point, "image")).Text.Trim());
            Inode = new(inode);
            Rows = [.. Fsmap.ReadAll(root, mount.RoleOf).Where(at => at.IsInode && at.Inode == inode)];
        }

        public string Image { get; }

        public byte[] Content { get; }

        public InodeNumber Inode { get; }

        public IReadOnlyList<FsmapRow> Rows { get; }

        public FileBlockSource Open(XfsVolume volume)
        {
            FileBlockSource? source = FileBlockSource.Open(volume, Inode, "image", out string why);
            Assert.True(source is not null, why);
            return source;
        }

        public void Dispose() => _scratch.Dispose();
    }
}
