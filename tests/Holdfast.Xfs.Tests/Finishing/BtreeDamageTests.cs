// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: whatever the bytes of a tree say, editing it ends, in the edit or in a failure of recovery.
/// Method: trees of several levels, damaged under checksums that are right: pointers that go in circles, then bytes at
/// random; searches, visits, insertions and deletions over them.
/// </summary>
public sealed class BtreeDamageTests
{
    private const int Records = 3000;

    [RootTheory(Needs.Xfsprogs)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_tree_that_goes_in_circles_is_a_failure(int up)
    {
        using var scratch = new Scratch("circle");
        using EditedImage edited = Image(scratch);
        PoolPlace place = Tree(edited, BtreeFormat.Rmapbt);
        BtreeLayout layout = BtreeLayout.OfBlock(BtreeFormat.Rmapbt, true, edited.Volume.Geometry.BlockSize);
        EditBuffer root = Block(edited, place.Root);
        // The second child of the root is the first once more, or the root itself.
        ulong pointer = up == 0 ? layout.Pointer(root.Bytes, 1) : place.Root;
        layout.SetPointer(root.Edit(), 2, pointer);
        edited.Editor.Commit();
        var editor = new BtreeEditor(edited.Editor, BtreeFormat.Rmapbt);
        int seen = 0;
        RecoveryFailure failure = Assert.Throws<RecoveryFailure>(() =>
        {
            editor.Open(place);
            Assert.True(editor.Lookup(new byte[RmapRecord.KeySize], BtreeSeek.GreaterOrEqual));
            while (editor.Next()) seen++;
        });
        Assert.Contains("rmapbt", failure.Fault.ToString(), StringComparison.Ordinal);
        Assert.InRange(seen, 10, Records);
        byte[] low = new byte[RmapRecord.KeySize];
        byte[] high = new byte[RmapRecord.KeySize];
        high.AsSpan().Fill(byte.MaxValue);
        editor.Open(place);
        Assert.Throws<RecoveryFailure>(() => editor.Query(low, high, _ => true));
    }

    [RootFact(Needs.Xfsprogs)]
    public void Damaged_trees_are_edited_or_refused()
    {
        using var scratch = new Scratch("damaged");
        using EditedImage edited = Image(scratch);
        int refused = 0;
        BtreeFormat[] formats = [BtreeFormat.Rmapbt, BtreeFormat.Bnobt, BtreeFormat.Cntbt, BtreeFormat.Refcountbt];
        for (int seed = 0; seed < 240; seed++)
        {
            var random = new Random(seed);
            BtreeFormat format = formats[seed % formats.Length];
            PoolPlace place = Tree(edited, format);
            ulong[] blocks = [.. place.Used];
            for (int i = 0; i < 3; i++) Damage(Block(edited, blocks[random.Next(blocks.Length)]).Edit(), random);
            edited.Editor.Commit();
            // What was verified before it was damaged is verified anew.
            edited.Editor.Rollback();
            try
            {
                Edit(edited, format, place, random);
            }
            catch (RecoveryFailure)
            {
                edited.Editor.Rollback();
                refused++;
            }
        }

        Assert.InRange(refused, 24, 239);
    }

    private static void Edit(EditedImage edited, BtreeFormat format, PoolPlace place, Random random)
    {
        var editor = new BtreeEditor(edited.Editor, format);
        for (int i = 0; i < 150; i++)
        {
            byte[] record = Record(format, (uint)random.Next(Records * 4), random);
            byte[] key = new byte[format.KeySize];
            BtreeKind.Of(format).KeyOf(record, key);
            editor.Open(place);
            bool isThere = editor.Lookup(key, (BtreeSeek)random.Next(3));
            if (random.Next(4) == 0)
            {
                for (int step = 0; step < 100 && isThere; step++) isThere = random.Next(8) == 0 || editor.Next();
            }
            else if (isThere && editor.IsAtRecord && random.Next(2) == 0)
            {
                editor.Delete();
            }
            else if (!editor.Lookup(key, BtreeSeek.Equal))
            {
                editor.Insert(record);
            }
        }

        edited.Editor.Commit();
    }

    private static void Damage(Span<byte> block, Random random)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            // Mostly the header and what follows: that is where the structure is.
            int at = random.Next(2) == 0 ? random.Next(16) : random.Next(block.Length);
            block[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(block[at] ^ 1 << random.Next(8));
        }
    }

    private static PoolPlace Tree(EditedImage edited, BtreeFormat format)
    {
        var place = new PoolPlace(edited.Editor, format, null, []);
        var editor = new BtreeEditor(edited.Editor, format);
        var random = new Random(3);
        byte[] key = new byte[format.KeySize];
        for (uint i = 0; i < Records; i++)
        {
            byte[] record = Record(format, i * 7919 % Records * 4, random);
            BtreeKind.Of(format).KeyOf(record, key);
            editor.Open(place);
            Assert.False(editor.Lookup(key, BtreeSeek.Equal));
            editor.Insert(record);
        }

        edited.Editor.Commit();
        return place;
    }

    private static byte[] Record(BtreeFormat format, uint start, Random random)
    {
        byte[] record = new byte[format.RecordSize];
        BinaryPrimitives.WriteUInt32BigEndian(record, start);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(sizeof(uint)), (uint)random.Next(1, 5));
        return record;
    }

    private static EditBuffer Block(EditedImage edited, ulong block) =>
        edited.Editor.Block(1, new((uint)block), BtreeBlock.CrcAt(BtreeFormat.Rmapbt), "btree");

    private static EditedImage Image(Scratch scratch)
    {
        string image = scratch.SparseFile("data.img", 320L << 20);
        XfsPrograms.System.MakeFilesystem(image, "-b", "size=1024", "-m", "rmapbt=1,reflink=1");
        return new(image);
    }
}
