// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>A block number within its allocation group, in filesystem blocks.</summary>
public readonly record struct AgBlock(uint Value)
{
    /// <summary>The on-disk "no block" (all ones).</summary>
    public static AgBlock Null { get; } = new(uint.MaxValue);

    public override string ToString() => Value.ToString();
}

/// <summary>
/// A filesystem block number as XFS stores it: the group number above, the block within the group below, with a gap
/// where the group size is not a power of two. Not linear: <see cref="Volume.Geometry"/> converts.
/// </summary>
public readonly record struct FsBlock(ulong Value)
{
    public static FsBlock Null { get; } = new(ulong.MaxValue);

    public override string ToString() => Value.ToString();
}

/// <summary>A disk address: a 512-byte sector from the start of the device.</summary>
public readonly record struct DiskAddress(ulong Value)
{
    public const int Size = 512;

    public override string ToString() => Value.ToString();
}

/// <summary>An inode number; the group, chunk and slot are packed into it. <see cref="Volume.Geometry"/> takes it
/// apart.</summary>
public readonly record struct InodeNumber(ulong Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A block offset in a fork, in filesystem blocks.</summary>
public readonly record struct FileBlock(ulong Value)
{
    public override string ToString() => Value.ToString();
}
