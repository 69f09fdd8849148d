// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Testing;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class DirectoryShortFormTests
{
    private static readonly WrittenEntry[] Some =
        [new(133, "a"), new(134, "bb", DirectoryFileType.Symlink), new(135, new string('c', 90))];

    [Theory]
    [InlineData(128, false)]
    [InlineData(128, true)]
    [InlineData(0x1_0000_0080, true)]
    [InlineData(0x1_0000_0080, false)]
    public void Entries_come_back_as_written(ulong parent, bool hasFileTypes)
    {
        byte[] fork = Write(parent, hasFileTypes, Some);
        BlockFault fault = DirectoryShortForm.TryOpen(fork, hasFileTypes, out DirectoryShortForm opened);
        Assert.True(fault.IsNone, fault.ToString());
        Assert.Equal(parent, opened.Parent.Value);
        Assert.Equal(parent > uint.MaxValue, opened.HasWideInodes);
        Assert.Equal(Some.Length, opened.Count);
        int index = 0;
        foreach (DirectoryEntry entry in opened)
        {
            Assert.Equal(Some[index].Inode, entry.Inode.Value);
            Assert.Equal(Some[index].Name, Encoding.UTF8.GetString(entry.Name));
            Assert.Equal(hasFileTypes ? Some[index].FileType : DirectoryFileType.Unknown, entry.FileType);
            index++;
        }

        Assert.Equal(Some.Length, index);
    }

    [Fact]
    public void An_empty_directory_is_sound()
    {
        byte[] fork = Write(128, true);
        Assert.True(DirectoryShortForm.TryOpen(fork, true, out DirectoryShortForm opened).IsNone);
        Assert.Equal(0, opened.Count);
        Assert.False(opened.GetEnumerator().MoveNext());
    }

    [Fact]
    public void A_fork_of_any_other_length_is_refused()
    {
        byte[] fork = [.. Write(128, true, Some), 0];
        for (int length = 0; length <= fork.Length; length++)
        {
            bool isWhole = length == fork.Length - 1;
            Assert.Equal(isWhole, DirectoryShortForm.TryOpen(fork.AsSpan(0, length), true, out _).IsNone);
        }
    }

    [Theory]
    [InlineData(0, 2, "di_size")] // fewer entries than the bytes hold
    [InlineData(0, 4, "list[3].namelen")] // more
    [InlineData(6, 0, "list[0].namelen")]
    [InlineData(8, 0, null)] // the first entry's offset may be anything
    [InlineData(7, 0xff, "list[1].offset")] // and the next one's is then too small
    [InlineData(10, 9, "list[0].filetype")]
    public void Each_way_to_be_wrong_is_named(int at, byte value, string? field)
    {
        byte[] fork = Write(128, true, Some);
        fork[at] = value;
        Assert.Equal(field, DirectoryShortForm.TryOpen(fork, true, out _).Field);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(0x1_0000_0080)]
    public void Damage_is_refused_or_harmless(ulong parent)
    {
        byte[] fork = Write(parent, true, Some);
        int refused = BlockDamage.Refused(fork, default, crcAt: -1, seed: 9, rounds: 100_000, Walk);
        Assert.InRange(refused, 10_000, 99_000);
    }

    private static BlockFault Walk(ReadOnlySpan<byte> fork, in BlockIdentity identity)
    {
        BlockFault fault = DirectoryShortForm.TryOpen(fork, true, out DirectoryShortForm opened);
        if (!fault.IsNone) return fault;
        int count = 0;
        foreach (DirectoryEntry entry in opened) if (!entry.Name.IsEmpty) count++;
        Assert.Equal(opened.Count, count);
        return fault;
    }

    private static byte[] Write(ulong parent, bool hasFileTypes, params ReadOnlySpan<WrittenEntry> entries)
    {
        bool isWide = parent > uint.MaxValue;
        var fork = new List<byte> { (byte)entries.Length, isWide ? (byte)1 : (byte)0 };
        fork.AddRange(InodeBytes(parent, isWide));
        int offset = 0x60;
        foreach (WrittenEntry entry in entries)
        {
            byte[] name = Encoding.UTF8.GetBytes(entry.Name!);
            fork.AddRange([(byte)name.Length, (byte)(offset >> 8), (byte)offset, .. name]);
            if (hasFileTypes) fork.Add((byte)entry.FileType);
            fork.AddRange(InodeBytes(entry.Inode, isWide));
            offset += DirectoryDataBlock.At.EntrySizeOf(name.Length, hasFileTypes);
        }

        return [.. fork];
    }

    private static byte[] InodeBytes(ulong inode, bool isWide)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, inode);
        return isWide ? bytes : bytes[sizeof(uint)..];
    }
}
