// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: after any sequence of changes a fork maps what it should, and everything that speaks of it agrees.
/// Method: random maps, unmaps and conversions, in phases that fill and empty the fork, beside a table of blocks; the
/// fork is read back with the reader of forks, counts are counted anew, and in the end the map built from the inodes
/// must be the one that the rmapbt gives, and xfs_repair content.
/// </summary>
public sealed class ForkModelTests
{
    private const string Small = "-b size=1024 -m rmapbt=1,reflink=1";
    private const string Default = "-m rmapbt=1,reflink=1";
    private const string Old = "-m crc=0,finobt=0 -b size=512 -i size=256";

    [RootTheory(Needs.Xfsprogs)]
    [InlineData(Small, ForkKind.Data, 2)]
    [InlineData(Small, ForkKind.Attribute, 2)]
    [InlineData(Default, ForkKind.Data, 1)]
    [InlineData(Default, ForkKind.Attribute, 1)]
    [InlineData(Old, ForkKind.Data, 2)]
    [InlineData(Old, ForkKind.Attribute, 2)]
    public void A_fork_of_random_changes_maps_what_a_table_says(string arguments, ForkKind fork, int levelsMin)
    {
        using var scratch = new Scratch("forks");
        string image = MakeFilesystem(scratch, arguments);
        using (var edited = new EditedImage(image))
        {
            var changes = new Changes(edited, fork, new Random(arguments.Length * 7 + (int)fork));
            foreach (int mapPercent in (int[])[85, 50, 85, 30]) changes.Phase(1200, mapPercent);
            Assert.InRange(changes.LevelsSeen, levelsMin, 5);
            CheckMap(edited);
            changes.Empty();
            changes.Phase(100, 85);
            CheckMap(edited);
            edited.WriteTo(image);
        }

        // Nobody can make attributes of what was mapped there at random.
        if (fork == ForkKind.Attribute) return;
        ProgramRun check = XfsPrograms.System.Check(image);
        Assert.True(!ForkCase.Complaints(check).Any(), string.Join('\n', ForkCase.Complaints(check).Take(20)));
    }

    private static string MakeFilesystem(Scratch scratch, string arguments)
    {
        string image = scratch.SparseFile("data.img", 320L << 20);
        string content = scratch.PathOf("content");
        File.WriteAllText(content, "x");
        string prototype = scratch.PathOf("prototype");
        File.WriteAllText(prototype, $"/dev/null\n0 0\nd--755 0 0\nfile ---644 0 0 {content}\n$\n");
        XfsPrograms.System.MakeFilesystem(image, [.. arguments.Split(' '), "-p", prototype]);
        return image;
    }

    /// <summary>The map built from every inode's forks and the one from the rmapbt are the same.</summary>
    private static void CheckMap(EditedImage edited)
    {
        if (!edited.Volume.Features.ReverseMapBtree) return;
        var reader = new Reader(edited.Reopen(), edited);
        Same.Lines("map", reader.Map(useRmapbt: true), reader.Map(useRmapbt: false));
    }

    private sealed class Changes
    {
        private const ulong FileBlocks = 20_000;
        private const int StepsPerCheck = 100;
        private readonly EditedImage _edited;
        private readonly ForkKind _fork;
        private readonly Random _random;
        private readonly FinishContext _context;
        private readonly InodeEditor _inode;
        private readonly SortedDictionary<ulong, (ulong Block, bool IsUnwritten)> _table = [];

        public Changes(EditedImage edited, ForkKind fork, Random random)
        {
            _edited = edited;
            _fork = fork;
            _random = random;
            _context = new(edited.Editor);
            // The file is the first inode after the root and, if there are any, those of the realtime device.
            _inode = Enumerable.Range(1, 8)
                .Select(i => new InodeNumber(edited.Volume.Geometry.RootInode.Value + (ulong)i))
                .Select(_context.Forks.Open).First(inode => inode.Type == FileType.Regular && inode.Size == 1);
            if (fork == ForkKind.Attribute)
            {
                _inode.ForkOffset = 9;
                _inode.SetFormat(fork, ForkFormat.Extents);
                _inode.EditFork(fork).Clear();
            }

            _context.Editor.Commit();
            foreach (ExtentRecord extent in Read(out _)) Note(extent.Offset.Value, extent.Start.Value, 1, false);
        }

        public int LevelsSeen { get; private set; } = 1;

        public void Phase(int steps, int mapPercent)
        {
            for (int i = 0; i < steps; i++)
            {
                int dice = _random.Next(100);
                if (dice < mapPercent) Map();
                else if (dice < mapPercent + (100 - mapPercent) / 3 && _fork == ForkKind.Data) Convert();
                else Unmap();
                _context.Editor.Commit();
                _context.Deferred.FinishAll(_context);
                if (i % StepsPerCheck == 0) Check();
            }

            Check();
        }

        public void Empty()
        {
            _context.Forks.Truncate(_inode, _fork, new(0));
            _table.Clear();
            Check();
            Assert.Equal(0ul, _inode.Blocks - BlocksOf(ForkKind.Data) - BlocksOf(ForkKind.Attribute));
            Assert.Equal(ForkFormat.Extents, _inode.FormatOf(_fork));
        }

        /// <summary>Blocks from anywhere, or those that go on where a neighbour ends.</summary>
        private void Map()
        {
            ulong offset = (ulong)_random.Next((int)FileBlocks);
            uint wanted = (uint)_random.Next(1, 5);
            uint room = 0;
            while (room < wanted && !_table.ContainsKey(offset + room)) room++;
            if (room == 0) return;
            bool isUnwritten = _fork == ForkKind.Data && _random.Next(3) == 0;
            bool goesOn = _table.TryGetValue(offset - 1, out (ulong Block, bool IsUnwritten) before);
            if (goesOn) isUnwritten = before.IsUnwritten;
            ulong target = goesOn ? before.Block + 1 : (ulong)_random.Next(200, 9000);
            Allocation found = _context.Groups.AllocateNow(new()
            {
                Target = new(target),
                Search = goesOn ? AllocationSearch.StartGroup : AllocationSearch.Near,
                MaxLength = room,
            });
            var extent = new ForkExtent(new(offset), found.Start, found.Length, isUnwritten);
            _context.Forks.MapNow(_inode, _fork, extent);
            Note(offset, extent.Start.Value, extent.Length, isUnwritten);
        }

        private void Unmap()
        {
            ulong start = (ulong)_random.Next((int)FileBlocks);
            ulong length = (ulong)_random.Next(1, 60);
            int extentsMax = _random.Next(0, 4);
            ulong left = _context.Forks.UnmapNow(_inode, _fork, new(start), length, extentsMax, isRemap: false);
            Assert.True(left < length);
            if (extentsMax == 0) Assert.Equal(0ul, left);
            for (ulong at = start + left; at < start + length; at++) _table.Remove(at);
        }

        private void Convert()
        {
            var from = new FileBlock((ulong)_random.Next((int)FileBlocks));
            if (_context.Forks.Lookup(_inode, _fork, from) is not { } known) return;
            ulong first = known.Offset.Value + (ulong)_random.Next((int)known.Length);
            ulong end = first + 1 + (ulong)_random.Next((int)(known.OffsetEnd - first));
            ForkExtent part = known.From(first).Until(end) with { IsUnwritten = !known.IsUnwritten };
            _context.Forks.ConvertNow(_inode, _fork, part);
            Note(first, part.Start.Value, part.Length, part.IsUnwritten);
        }

        private void Note(ulong offset, ulong block, uint length, bool isUnwritten)
        {
            for (uint i = 0; i < length; i++) _table[offset + i] = (block + i, isUnwritten);
        }

        private void Check()
        {
            List<ExtentRecord> extents = Read(out int mapBlocks);
            var found = new SortedDictionary<ulong, (ulong, bool)>();
            for (int i = 0; i < extents.Count; i++)
            {
                ExtentRecord extent = extents[i];
                for (uint k = 0; k < extent.Length; k++)
                {
                    found.Add(extent.Offset.Value + k, (extent.Start.Value + k, extent.Unwritten));
                }
            }

            Assert.Equal(_table.Count, found.Count);
            Assert.Equal(_table, found);
            Assert.Equal((ulong)extents.Count, _inode.ExtentsOf(_fork));
            Assert.Equal((ulong)(_table.Count + mapBlocks), BlocksOf(_fork));
            Assert.Equal(_inode.Blocks, BlocksOf(ForkKind.Data) + BlocksOf(ForkKind.Attribute));
            bool fits = extents.Count <= _inode.Fork(_fork).Length / ExtentRecord.Size;
            Assert.Equal(fits ? ForkFormat.Extents : ForkFormat.Btree, _inode.FormatOf(_fork));
        }

        private ulong BlocksOf(ForkKind fork)
        {
            if (fork == ForkKind.Attribute && !_inode.HasAttributeFork) return 0;
            var visitor = new Collect([]);
            ForkWalk.Run(_edited.Volume, _inode.View, fork, ref visitor);
            return (ulong)visitor.Extents.Sum(extent => extent.Length) + (ulong)visitor.MapBlocks;
        }

        private List<ExtentRecord> Read(out int mapBlocks)
        {
            byte[] bytes = new byte[_edited.Volume.Geometry.InodeSize];
            BlockFault fault = InodeReader.TryRead(_edited.Volume, _inode.Number, bytes, out Inode inode);
            Assert.True(fault.IsNone, $"{fault.Field} {fault.Found}");
            var visitor = new Collect([]);
            ForkWalk.Run(_edited.Volume, in inode, _fork, ref visitor);
            Assert.False(_edited.Volume.Faults.HasOpenFaults);
            mapBlocks = visitor.MapBlocks;
            LevelsSeen = Math.Max(LevelsSeen, visitor.Levels);
            return visitor.Extents;
        }
    }

    private struct Collect(List<ExtentRecord> extents) : IExtentVisitor
    {
        public readonly List<ExtentRecord> Extents => extents;

        public int MapBlocks { get; private set; }

        /// <summary>Levels of blocks: the root in the inode is none.</summary>
        public int Levels { get; private set; }

        public readonly bool Wants(int level, ulong first, ulong end) => true;

        public readonly void Extent(in ExtentRecord extent) => extents.Add(extent);

        public void MapBlock(FsBlock block, int level, ulong first, ulong end)
        {
            MapBlocks++;
            Levels = Math.Max(Levels, level + 1);
        }

        public readonly void Lost(FsBlock block, ulong first, ulong end) => Assert.Fail($"lost at {first}");
    }
}
