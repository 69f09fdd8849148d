// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;

namespace Holdfast.Client;

/// <summary>How sure a range is.</summary>
public enum LossKind
{
    /// <summary>These bytes were written there, and what they were cannot be read.</summary>
    Content,

    /// <summary>Where these bytes lie is not known any more: the file's map is damaged.</summary>
    Mapping,

    /// <summary>A block of a folder is lost: names in it cannot be found any more.</summary>
    Names,

    /// <summary>The file's inode is lost, all of it with it.</summary>
    WholeFile,

    /// <summary>
    /// Something on the filesystem failed, and nobody could say what it hit: the file may be well. The notice's gap
    /// says why.
    /// </summary>
    Possible,
}

/// <summary>Bytes of one file that are lost, or may be.</summary>
/// <param name="Path">From the filesystem's root; what is not UTF-8 in it is replaced.</param>
/// <param name="Offset">In the file.</param>
/// <param name="Length"><see cref="long.MaxValue"/>: up to the end, wherever that is.</param>
/// <param name="Notice">What is known of them; to be acknowledged when all of its ranges are dealt with.</param>
public sealed record LostBytes(string Path, long Offset, long Length, LossKind Kind, NoticeJson Notice)
{
    private long End => Offset > long.MaxValue - Length ? long.MaxValue : Offset + Length;

    /// <summary>Whether a range of the file, of at least one byte, has any of these.</summary>
    public bool Overlaps(long offset, long length) => Offset < offset + length && offset < End;
}
