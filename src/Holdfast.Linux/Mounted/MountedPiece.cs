// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>A bad range cut to one row of the reverse map.</summary>
/// <param name="Bytes">Of the row's device.</param>
/// <param name="Shared">The blocks have other owners too.</param>
internal readonly record struct MountedPiece(MapRow Row, ByteRange Bytes, bool Shared)
{
    /// <summary>Byte offset in the fork of the piece's first byte.</summary>
    internal long FileOffset => Row.Offset + (Bytes.Offset - Row.Physical);
}
