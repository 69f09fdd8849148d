// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class SymlinkTests
{
    private static readonly BlockIdentity V5 = new(true, new(808), 131, new("6f1c0f6a-6c1e-4e56-9a3c-2f6d2c6f3a11"));
    private static readonly BlockIdentity V4 = new(false, default, null, default);

    [Fact]
    public void An_extent_comes_back_as_written()
    {
        byte[] target = new byte[1024];
        new Random(1).NextBytes(target);
        byte[] first = RemoteWriter.Write(in V5, 1024, Magic.SymlinkV5, 0, target.AsSpan(0, 968));
        byte[] second = RemoteWriter.Write(in V5, 1024, Magic.SymlinkV5, 968, target.AsSpan(968));
        Assert.True(SymlinkBlock.TryOpen(first, in V5, 0, 1024, out SymlinkBlock one).IsNone);
        Assert.True(SymlinkBlock.TryOpen(second, in V5, 968, 1024, out SymlinkBlock two).IsNone);
        byte[] whole = [.. one.Part, .. two.Part];
        Assert.Equal(target, whole);
        Assert.Equal(131ul, two.Owner.Value);
        Assert.Equal("offset", SymlinkBlock.TryOpen(second, in V5, 0, 56, out _).Field);
        Assert.Equal("bytes", SymlinkBlock.TryOpen(first, in V5, 0, 967, out _).Field);
        Assert.True(SymlinkBlock.TryOpen(target, in V4, 0, 600, out SymlinkBlock old).IsNone);
        Assert.Equal(600, old.Part.Length);
    }

    [Fact]
    public void Every_flipped_bit_is_a_named_fault()
    {
        byte[] block = RemoteWriter.Write(in V5, 1024, Magic.SymlinkV5, 0, new byte[900]);
        Assert.True(Walk(block, in V5).IsNone);
        Assert.Equal(-1, BlockDamage.FirstUnnoticedFlip(block, in V5, Walk));
    }

    [Fact]
    public void Damage_under_a_right_checksum_is_refused_or_harmless()
    {
        byte[] block = RemoteWriter.Write(in V5, 1024, Magic.SymlinkV5, 0, new byte[900]);
        int refused = BlockDamage.Refused(block, in V5, StampWriter.RemoteCrcAt, seed: 21, rounds: 100_000, Walk);
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Theory]
    [InlineData(1024, 1024, true, 2)]
    [InlineData(1024, 4096, true, 1)]
    [InlineData(1024, 512, false, 2)]
    [InlineData(968, 1024, true, 1)]
    public void A_target_takes_so_many_blocks(int length, int blockSize, bool hasCrc, int blocks) =>
        Assert.Equal(blocks, SymlinkBlock.BlocksOf(length, blockSize, hasCrc));

    [Theory]
    [InlineData(0, "di_size")]
    [InlineData(7, "di_size")] // longer than the fork
    [InlineData(5, "u.symlink")]
    [InlineData(4, null)]
    public void A_target_in_the_inode_is_its_size_long_and_without_NUL(long size, string? field) =>
        Assert.Equal(field, SymlinkTarget.TryOpen("a/bc\0d"u8, size, out _).Field);

    private static BlockFault Walk(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = SymlinkBlock.TryOpen(block, in identity, out SymlinkBlock part);
        if (fault.IsNone) Assert.InRange(part.Offset + part.Part.Length, 0, SymlinkTarget.LengthMax);
        return fault;
    }
}
