// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>
/// Ranges of a disk, clipped to a volume and then translated into it (contract C10). Every byte that was asked about is
/// in exactly one of the three: nothing is dropped in silence.
/// </summary>
/// <param name="Inside">Bytes of the volume.</param>
/// <param name="Outside">Bytes of the disk that are no part of the volume.</param>
/// <param name="LeftOut">
/// Bytes of the disk that may be part of the volume but were not translated, because they fall into more pieces than
/// <see cref="MappedBlockSource.PiecesMax"/>: a failure of terabytes under narrow stripes. Nearly always empty.
/// </param>
public sealed record TranslatedRanges(ByteRangeSet Inside, ByteRangeSet Outside, ByteRangeSet LeftOut);
