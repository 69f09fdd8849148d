// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Looks for free blocks anywhere in one group: the shortest extent that is long enough, of several the first; where
/// none is, the longest there is.
/// </summary>
internal sealed class SizeSearch(GroupTrees trees, AllocationAttempt attempt)
{
    internal enum Outcome
    {
        Nothing,
        Found,

        /// <summary>What there is was freed a moment ago.</summary>
        OnlyBusy,
    }

    /// <summary>The free extent that the blocks are in.</summary>
    public FreeRecord Free { get; private set; }

    public uint Start { get; private set; }

    public uint Length { get; private set; }

    public Outcome Run(Func<BtreeEditor, bool> takeSmaller)
    {
        BtreeEditor bySize = trees.Cntbt(attempt.Header);
        Span<byte> key = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(key, 0, attempt.MaxLength + attempt.Alignment - 1);
        bool isBusy = false;
        if (bySize.Lookup(key, BtreeSeek.GreaterOrEqual))
        {
            while (true)
            {
                isBusy = Take(bySize);
                if (Length >= attempt.MaxLength) break;
                if (!bySize.Next()) return isBusy ? Outcome.OnlyBusy : Outcome.Nothing;
            }
        }
        else
        {
            if (!takeSmaller(bySize)) return Outcome.Nothing;
            isBusy = Take(bySize);
        }

        Length = Math.Min(Length, attempt.MaxLength);
        if (Length < attempt.MaxLength) isBusy = SearchShorter(bySize, isBusy);
        if (Length < attempt.MinLength) return isBusy ? Outcome.OnlyBusy : Outcome.Nothing;
        Length = attempt.FixLength(Length);
        return Outcome.Found;
    }

    private bool Take(BtreeEditor bySize)
    {
        Free = FreeSpaceEditor.Read(attempt.Header, bySize);
        bool isBusy = attempt.Align(Free, out uint start, out uint length);
        Start = start;
        Length = length;
        return isBusy;
    }

    /// <summary>Once aligned a shorter extent can leave more.</summary>
    private bool SearchShorter(BtreeEditor bySize, bool isBusy)
    {
        (FreeRecord Free, uint Start, uint Length) best = (Free, Start, Length);
        while (bySize.Previous())
        {
            if (FreeSpaceEditor.Read(attempt.Header, bySize).Length < best.Length) break;
            isBusy = Take(bySize);
            Length = Math.Min(Length, attempt.MaxLength);
            if (Length <= best.Length) continue;
            best = (Free, Start, Length);
            if (Length == attempt.MaxLength) break;
        }

        (Free, Start, Length) = best;
        return isBusy;
    }
}
