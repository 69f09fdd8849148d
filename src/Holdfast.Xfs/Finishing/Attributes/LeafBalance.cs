// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>How the entries of attribute leaves are shared out when a leaf is split, or two are joined.</summary>
internal static class LeafBalance
{
    /// <summary>
    /// Moves the upper entries of a full leaf to an empty one, so that both hold about as many bytes once the new
    /// attribute is in; tells the change, and the blocks, where that goes.
    /// </summary>
    /// <returns>True where it goes into the first.</returns>
    internal static bool Split(TreeBlock first, TreeBlock second, AttributeChange change)
    {
        Span<byte> low = first.Buffer.Edit();
        Span<byte> high = second.Buffer.Edit();
        var lowHeader = LeafHeader.Of(low);
        var highHeader = LeafHeader.Of(high);
        int kept = KeptInFirst(low, lowHeader, first.Index, change, out bool isInFirst);
        if (kept < lowHeader.Count)
        {
            LeafSpace.Move(
                second.Buffer, low, lowHeader, kept, high, highHeader, highHeader.Count, lowHeader.Count - kept);
        }

        lowHeader.Write(low);
        highHeader.Write(high);
        first.Hash = LeafEntries.LastHash(low, lowHeader.Count);
        second.Hash = LeafEntries.LastHash(high, highHeader.Count);
        // At the border the new one may go to the end of the first leaf or to the beginning of the second.
        bool goesFirst = first.Index < lowHeader.Count || first.Index == lowHeader.Count && isInFirst;
        if (!goesFirst) second.Index = first.Index - lowHeader.Count;
        TreeBlock place = goesFirst ? first : second;
        change.Index = place.Index;
        change.Block = place.Number;
        return isInFirst;
    }

    /// <summary>Does the second leaf belong before the first?</summary>
    internal static bool AreSwapped(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var one = LeafHeader.Of(first);
        var other = LeafHeader.Of(second);
        if (one.Count == 0 || other.Count == 0) return false;
        return LeafEntries.HashOf(second, 0) < LeafEntries.HashOf(first, 0)
            || LeafEntries.LastHash(second, other.Count) < LeafEntries.LastHash(first, one.Count);
    }

    /// <summary>Moves all entries of a leaf that is given up into its neighbour.</summary>
    internal static void Join(TreeBlock dropped, TreeBlock kept)
    {
        Span<byte> source = dropped.Buffer.Edit();
        Span<byte> target = kept.Buffer.Edit();
        var from = LeafHeader.Of(source);
        var to = LeafHeader.Of(target);
        bool isBefore = AreSwapped(target, source);
        dropped.Hash = LeafEntries.LastHash(source, from.Count);
        if (!to.HasHoles)
        {
            LeafSpace.Move(
                kept.Buffer, source, from, 0, target, to, isBefore ? 0 : to.Count, from.Count);
        }
        else
        {
            to = JoinPacked(kept.Buffer, source, from, target, to, isBefore);
        }

        to.Write(target);
        kept.Hash = LeafEntries.LastHash(target, to.Count);
    }

    private static LeafHeader JoinPacked(
        EditBuffer at, Span<byte> source, LeafHeader from, Span<byte> target, LeafHeader to, bool isBefore)
    {
        byte[] packed = target.ToArray();
        packed.AsSpan(LeafHeader.Size).Clear();
        var header = new LeafHeader { Forward = to.Forward, Back = to.Back, FirstUsed = packed.Length };
        if (isBefore) LeafSpace.Move(at, source, from, 0, packed, header, 0, from.Count);
        LeafSpace.Move(at, target, to, 0, packed, header, header.Count, to.Count);
        if (!isBefore) LeafSpace.Move(at, source, from, 0, packed, header, header.Count, from.Count);
        packed.CopyTo(target);
        return header;
    }

    /// <summary>How many entries stay in the first leaf: those until the halves differ least.</summary>
    private static int KeptInFirst(
        ReadOnlySpan<byte> leaf, LeafHeader header, int index, AttributeChange change, out bool isInFirst)
    {
        int space = LeafEntries.Size + LeafEntries.SpaceOf(change, leaf.Length);
        int half = (header.Count * LeafEntries.Size + header.UsedBytes + space) / 2;
        int difference = leaf.Length;
        int total = 0;
        isInFirst = false;
        int kept = 0;
        for (; kept < header.Count; kept++)
        {
            if (kept == index)
            {
                if (!IsCloser(total + space)) break;
                total += space;
                isInFirst = true;
            }

            int next = total + LeafEntries.Size + LeafEntries.SpaceOf(leaf, kept);
            if (!IsCloser(next)) break;
            total = next;
        }

        return kept;

        bool IsCloser(int bytes)
        {
            int apart = Math.Abs(half - bytes);
            if (apart > difference) return false;
            difference = apart;
            return true;
        }
    }
}
