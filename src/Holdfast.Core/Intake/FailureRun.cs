// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>A failure as it is after a change: touching pieces of the same facts.</summary>
internal sealed class FailureRun(FailurePiece first)
{
    private readonly List<FailurePiece> _pieces = [first];

    internal IReadOnlyList<FailurePiece> Pieces => _pieces;

    internal ByteRange Range { get; private set; } = first.Range;

    internal FailureFacts Facts { get; } = first.Facts;

    /// <summary>The failure whose id it keeps; null: it gets a new one.</summary>
    internal Failure? Kept { get; set; }

    internal bool IsTouched => _pieces.Exists(piece => piece.IsTouched);

    /// <summary>Takes a piece in where it touches and says the same; nothing good is ever bridged.</summary>
    internal bool TryExtend(in FailurePiece piece)
    {
        // What is settled keeps its own borders: it is history.
        if (piece.Range.Offset != Range.End || piece.Facts != Facts || !Facts.IsActive) return false;
        _pieces.Add(piece);
        Range = ByteRange.FromTo(Range.Offset, piece.Range.End);
        return true;
    }

    /// <summary>The failures that are part of it, each once.</summary>
    internal IEnumerable<Failure> Parts() =>
        _pieces.Select(piece => piece.From).OfType<Failure>().DistinctBy(failure => failure.Id);
}
