// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: a btree that was edited is a sound btree with the right records.
/// Method: random insertions, deletions and updates, in phases in which the tree grows, shrinks and stays, held against
/// a sorted set; the whole structure is read back and checked many times on the way. Blocks are the smallest, so that
/// there are many levels.
/// </summary>
public sealed class BtreeEditorTests
{
    private const string Smallest = "-m crc=0,finobt=0 -b size=512";
    private const string SmallestV5 = "-b size=1024";

    public static TheoryData<BtreeName, string, int, int> Trees { get; } = new()
    {
        { BtreeName.Bnobt, Smallest, 0, 3 },
        { BtreeName.Bnobt, SmallestV5, 0, 2 },
        { BtreeName.Cntbt, Smallest, 0, 3 },
        { BtreeName.Cntbt, SmallestV5, 0, 2 },
        { BtreeName.Inobt, Smallest, 0, 3 },
        { BtreeName.Finobt, SmallestV5, 0, 2 },
        { BtreeName.Rmapbt, SmallestV5, 0, 3 },
        { BtreeName.Refcountbt, SmallestV5, 0, 2 },
        { BtreeName.Bmbt, Smallest, 80, 3 },
        { BtreeName.Bmbt, SmallestV5, 336, 3 },
        { BtreeName.Rtrmapbt, SmallestV5, 336, 3 },
        { BtreeName.Rtrefcountbt, SmallestV5, 336, 3 },
    };

    [RootTheory(Needs.Xfsprogs)]
    [MemberData(nameof(Trees))]
    public void A_tree_of_random_edits_holds_what_a_sorted_set_holds(
        BtreeName name, string arguments, int room, int levelsMin)
    {
        using var scratch = new Scratch("btree");
        string image = scratch.SparseFile("data.img", 320L << 20);
        XfsPrograms.System.MakeFilesystem(image, arguments.Split(' '));
        using var edited = new EditedImage(image);
        BtreeFormat format = FormatOf(name);
        byte[] first = new byte[format.RecordSize];
        first[^1] = 1;
        var place = new PoolPlace(edited.Editor, format, room == 0 ? null : room, first);
        var run = new Edits(edited, format, place, seed: (int)name * 31 + arguments.Length);
        if (name == BtreeName.Bmbt) run.Begin(first);
        int levels = 0;
        foreach (int insertPercent in (int[])[90, 50, 10, 80, 55, 5])
        {
            run.Phase(5000, insertPercent);
            levels = Math.Max(levels, run.Levels);
        }

        run.Empty();
        Assert.InRange(levels, levelsMin, 9);
        Assert.InRange(run.Levels, 1, 2);
    }

    private static BtreeFormat FormatOf(BtreeName name) => name switch
    {
        BtreeName.Bnobt => BtreeFormat.Bnobt,
        BtreeName.Cntbt => BtreeFormat.Cntbt,
        BtreeName.Inobt => BtreeFormat.Inobt,
        BtreeName.Finobt => BtreeFormat.Finobt,
        BtreeName.Rmapbt => BtreeFormat.Rmapbt,
        BtreeName.Refcountbt => BtreeFormat.Refcountbt,
        BtreeName.Bmbt => BtreeFormat.Bmbt,
        BtreeName.Rtrmapbt => BtreeFormat.Rtrmapbt,
        _ => BtreeFormat.Rtrefcountbt,
    };

    /// <summary>The same edits of a tree and of a sorted set.</summary>
    private sealed class Edits(EditedImage edited, BtreeFormat format, PoolPlace place, int seed)
    {
        private const int StepsPerCheck = 200;
        private readonly Random _random = new(seed);
        private readonly BtreeKind _kind = BtreeKind.Of(format);
        private readonly BtreeEditor _editor = new(edited.Editor, format);
        private readonly SortedList<byte[], byte[]> _model = new(
            Comparer<byte[]>.Create((left, right) => BtreeKind.Of(format).Compare(left, right)));

        public int Levels => _editor.Levels;

        public void Begin(byte[] first) => _model[Key(first)] = first;

        public void Phase(int steps, int insertPercent)
        {
            for (int i = 0; i < steps; i++)
            {
                _editor.Open(place);
                if (_random.Next(10) == 0) Look();
                else if (_random.Next(100) < insertPercent) Insert();
                else Delete();
                edited.Editor.Commit();
                if (i % StepsPerCheck == 0) Check();
            }

            Check();
        }

        /// <summary>All but the last record, which a block map must keep.</summary>
        public void Empty()
        {
            while (_model.Count > 1)
            {
                _editor.Open(place);
                Delete();
                edited.Editor.Commit();
            }

            Check();
        }

        private void Insert()
        {
            byte[] record = Record();
            byte[] key = Key(record);
            bool known = _editor.Lookup(key, BtreeSeek.Equal);
            Assert.Equal(_model.ContainsKey(key), known);
            if (known)
            {
                Assert.Equal(_model[key], _editor.Record);
                _editor.Update(record);
            }
            else
            {
                _editor.Insert(record);
            }

            _model[key] = record;
            Assert.True(_editor.Lookup(key, BtreeSeek.Equal));
        }

        private void Delete()
        {
            if (_model.Count < 2) return;
            int at = _random.Next(_model.Count);
            Assert.True(_editor.Lookup(_model.Keys[at], BtreeSeek.Equal));
            _editor.Delete();
            _model.RemoveAt(at);
            // The place is where the record was.
            if (at < _model.Count && _editor.IsAtRecord) Assert.Equal(_model.Values[at], _editor.Record);
        }

        private void Look()
        {
            byte[] key = Key(Record());
            int at = 0;
            while (at < _model.Count && _kind.Compare(_model.Keys[at], key) < 0) at++;
            Assert.Equal(at < _model.Count, _editor.Lookup(key, BtreeSeek.GreaterOrEqual));
            for (int i = at; i < Math.Min(_model.Count, at + 40); i++)
            {
                Assert.Equal(_model.Values[i], _editor.Record);
                Assert.Equal(i + 1 < _model.Count, _editor.Next());
            }

            if (at < _model.Count && _kind.Compare(_model.Keys[at], key) == 0) at++;
            Assert.Equal(at > 0, _editor.Lookup(key, BtreeSeek.LessOrEqual));
            for (int i = at - 1; i >= Math.Max(0, at - 40); i--)
            {
                Assert.Equal(_model.Values[i], _editor.Record);
                Assert.Equal(i > 0, _editor.Previous());
            }

            if (format.HasHighKeys) Query(key);
        }

        private void Query(byte[] key)
        {
            byte[] high = [.. key];
            uint end = BinaryPrimitives.ReadUInt32BigEndian(key) + 50;
            BinaryPrimitives.WriteUInt32BigEndian(high, end);
            byte[] buffer = new byte[format.KeySize];
            byte[][] wanted = [.. _model.Values.Where(record =>
            {
                _kind.HighKeyOf(record, buffer);
                return _kind.Compare(Key(record), high) <= 0 && _kind.Compare(buffer, key) >= 0;
            })];
            var found = new List<byte[]>();
            _editor.Query(key, high, record =>
            {
                found.Add(record.ToArray());
                return true;
            });
            Assert.Equal(wanted, found);
        }

        private void Check()
        {
            var check = new TreeCheck(edited.Volume, format, place);
            Assert.Equal(_model.Values, check.Run());
            if (format.IsLong) return;
            var count = new Count();
            BtreeWalk.Run(
                edited.Volume, edited.Volume.Group(place.Ag), format,
                new(new((uint)place.Root), place.Levels), ref count);
            Assert.Equal(_model.Count, count.Records);
            Assert.Equal(0, count.Losses);
        }

        private byte[] Key(byte[] record)
        {
            byte[] key = new byte[format.KeySize];
            _kind.KeyOf(record, key);
            return key;
        }

        /// <summary>Records that do not overlap, but where the kind of tree allows it.</summary>
        private byte[] Record()
        {
            const int slots = 15_000;
            byte[] record = new byte[format.RecordSize];
            uint slot = (uint)_random.Next(slots);
            uint length = (uint)_random.Next(1, 5);
            switch (format.Name)
            {
                case BtreeName.Rmapbt or BtreeName.Rtrmapbt:
                    bool isInode = _random.Next(4) != 0;
                    Put(record, slot * 4, (uint)_random.Next(1, 200));
                    BinaryPrimitives.WriteUInt64BigEndian(
                        record.AsSpan(8), isInode ? (ulong)_random.Next(100, 110) : RmapOwner.Ag);
                    ulong flags = isInode ? (ulong)_random.Next(8) << 61 : 0;
                    BinaryPrimitives.WriteUInt64BigEndian(
                        record.AsSpan(16), isInode ? flags | (uint)_random.Next(1000) : 0);
                    break;
                case BtreeName.Bmbt:
                    BinaryPrimitives.WriteUInt64BigEndian(record, (ulong)(slot * 4) << 9);
                    BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(8), (ulong)slot << 21 | length);
                    break;
                case BtreeName.Inobt or BtreeName.Finobt:
                    Put(record, slot * 64, length);
                    break;
                default:
                    Put(record, slot * 4, length);
                    break;
            }

            return record;
        }

        private static void Put(byte[] record, uint first, uint second)
        {
            BinaryPrimitives.WriteUInt32BigEndian(record, first);
            BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(4), second);
        }
    }

    private struct Count : IBtreeVisitor
    {
        public int Records;
        public int Losses;

        public readonly bool Wants(uint low, uint high) => true;

        public readonly void Block(AgBlock block, int level)
        {
        }

        public void Leaf(in BtreeBlock leaf) => Records += leaf.Count;

        public void Lost(AgBlock block, int level, uint low, uint high) => Losses++;
    }
}
