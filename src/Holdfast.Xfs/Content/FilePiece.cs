// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Content;

/// <summary>What a piece of a file's block map says of its bytes.</summary>
internal enum FilePieceKind
{
    /// <summary>They lie on the data device.</summary>
    Written,

    /// <summary>Allocated and never written: zeros.</summary>
    Unwritten,

    /// <summary>The part of the block map that says where they are cannot be believed.</summary>
    Lost,
}

/// <summary>Bytes of a file that its block map speaks of alike.</summary>
/// <param name="Offset">First byte, in the file.</param>
/// <param name="End">First byte behind it, in the file.</param>
/// <param name="Place">Byte of the data device where a written piece begins; else 0.</param>
internal readonly record struct FilePiece(long Offset, long End, long Place, FilePieceKind Kind);
