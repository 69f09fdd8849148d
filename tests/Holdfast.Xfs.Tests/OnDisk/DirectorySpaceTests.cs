// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class DirectorySpaceTests
{
    [Theory]
    [InlineData(0, DirectorySpace.Data)]
    [InlineData((1L << 35) - 1, DirectorySpace.Data)]
    [InlineData(1L << 35, DirectorySpace.Leaf)]
    [InlineData((2L << 35) - 1, DirectorySpace.Leaf)]
    [InlineData(2L << 35, DirectorySpace.Free)]
    [InlineData((3L << 35) - 1, DirectorySpace.Free)]
    [InlineData(3L << 35, DirectorySpace.Beyond)]
    [InlineData(long.MaxValue, DirectorySpace.Beyond)]
    public void The_parts_of_a_directory_are_32_GiB_apart(long offset, DirectorySpace space)
    {
        Assert.Equal(space, DirectorySpaces.Of(offset));
        foreach (int blockLog in (int[])[9, 12, 16])
        {
            Assert.Equal(space, DirectorySpaces.Of(new FileBlock((ulong)offset >> blockLog), blockLog));
        }
    }

    [Fact]
    public void A_block_number_that_no_offset_has_is_beyond() =>
        Assert.Equal(DirectorySpace.Beyond, DirectorySpaces.Of(new FileBlock(ulong.MaxValue), 16));

    // As xfs_db prints them for directories of these block sizes.
    [Fact]
    public void The_indexes_begin_at_these_blocks()
    {
        Assert.Equal(8388608ul, DirectorySpaces.LeafBlock(12).Value);
        Assert.Equal(16777216ul, DirectorySpaces.FreeBlock(12).Value);
        Assert.Equal(67108864ul, DirectorySpaces.LeafBlock(9).Value);
    }
}
