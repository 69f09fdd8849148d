// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// Puts entries into attribute leaves and takes them out, at the very bytes where the kernel would: what fits, and
/// when a leaf is split, hangs on where earlier names lie. A block that contradicts itself is a
/// <see cref="RecoveryFailure"/>.
/// </summary>
internal static class LeafSpace
{
    /// <summary>Puts the attribute before entry <see cref="AttributeChange.Index"/>.</summary>
    /// <returns>False where there is no room; names may have been packed all the same.</returns>
    internal static bool TryAdd(EditBuffer leaf, AttributeChange change)
    {
        ReadOnlySpan<byte> block = leaf.Bytes;
        var header = LeafHeader.Of(block);
        int space = LeafEntries.SpaceOf(change, block.Length);
        int tableEnd = LeafHeader.EndOf(header.Count + 1);
        int free = 0;
        for (int run = header.Free.Length - 1; run >= 0; run--)
        {
            LeafFreeRun candidate = header.Free[run];
            if (tableEnd <= header.FirstUsed && candidate.Size > 0)
            {
                // Space below the names is where the table grows, too.
                int wanted = space + (candidate.Base < header.FirstUsed ? LeafEntries.Size : 0);
                if (candidate.Size >= wanted)
                {
                    Insert(leaf, header, change, run);
                    return true;
                }
            }

            free += candidate.Size;
        }

        if (!header.HasHoles && free < space) return false;
        Compact(leaf, header);
        bool fits = header.Free[0].Size >= space + LeafEntries.Size;
        if (fits) Insert(leaf, header, change, 0);
        else header.Write(leaf.Edit());
        return fits;
    }

    /// <summary>Takes out entry <see cref="AttributeChange.Index"/>.</summary>
    internal static void Remove(EditBuffer leaf, AttributeChange change)
    {
        Span<byte> block = leaf.Edit();
        var header = LeafHeader.Of(block);
        int index = change.Index;
        if (index >= header.Count) Fail(leaf, BlockFault.OutOfBounds("count", (ulong)index, (ulong)header.Count));
        int nameAt = LeafEntries.NameAt(block, index);
        int space = LeafEntries.SpaceOf(block, index);
        Release(header, nameAt, space);
        block.Slice(nameAt, space).Clear();
        Span<byte> table = block[..header.EntriesEnd];
        table[LeafEntries.At(index + 1)..].CopyTo(table[LeafEntries.At(index)..]);
        table[LeafEntries.At(header.Count - 1)..].Clear();
        header.UsedBytes = Math.Max(0, header.UsedBytes - space);
        header.Count--;
        if (nameAt == header.FirstUsed)
        {
            header.FirstUsed = LowestName(block, header.Count);
        }
        else
        {
            header.HasHoles = true;
        }

        header.Write(block);
        Check(leaf, header);
    }

    /// <summary>Packs all names against the end of the block. The header is the caller's to write.</summary>
    internal static void Compact(EditBuffer leaf, LeafHeader header)
    {
        Span<byte> block = leaf.Edit();
        byte[] old = block.ToArray();
        LeafHeader source = header.Copy();
        block[LeafHeader.Size..].Clear();
        header.FirstUsed = block.Length;
        header.UsedBytes = 0;
        header.Count = 0;
        header.HasHoles = false;
        header.Free[0] = new(LeafHeader.Size, block.Length - LeafHeader.Size);
        Move(leaf, old, source, 0, block, header, 0, source.Count);
    }

    /// <summary>
    /// Moves entries with their names from one leaf to another, packed there in their order; both headers are the
    /// caller's to write.
    /// </summary>
    /// <param name="at">For the report.</param>
    internal static void Move(
        EditBuffer at, Span<byte> source, LeafHeader from, int first, Span<byte> target, LeafHeader to, int before,
        int count)
    {
        if (count == 0) return;
        if (to.EntriesEnd + count * LeafEntries.Size > target.Length) FailSpace(at);
        Span<byte> table = target[..LeafHeader.EndOf(to.Count + count)];
        Span<byte> later = table[LeafEntries.At(before)..LeafHeader.EndOf(to.Count)];
        later.ToArray().CopyTo(table[LeafEntries.At(before + count)..]);
        for (int i = 0; i < count; i++)
        {
            int nameAt = LeafEntries.NameAt(source, first + i);
            int space = LeafEntries.SpaceOf(source, first + i);
            to.FirstUsed -= space;
            to.Count++;
            if (to.FirstUsed < LeafHeader.EndOf(to.Count)) FailSpace(at);
            Span<byte> name = source.Slice(nameAt, space);
            name.CopyTo(target[to.FirstUsed..]);
            name.Clear();
            LeafEntries.Write(
                target, before + i, LeafEntries.HashOf(source, first + i), to.FirstUsed,
                LeafEntries.FlagsOf(source, first + i));
            from.UsedBytes = Math.Max(0, from.UsedBytes - space);
            to.UsedBytes += space;
        }

        Span<byte> rest = source[..from.EntriesEnd];
        rest[LeafEntries.At(first + count)..].CopyTo(rest[LeafEntries.At(first)..]);
        from.Count -= count;
        rest[LeafHeader.EndOf(from.Count)..].Clear();
        from.HasHoles = true;
        Array.Clear(to.Free);
        to.Free[0] = new(to.EntriesEnd, to.FirstUsed - to.EntriesEnd);
    }

    private static void Insert(EditBuffer leaf, LeafHeader header, AttributeChange change, int run)
    {
        Span<byte> block = leaf.Edit();
        int index = change.Index;
        int space = LeafEntries.SpaceOf(change, block.Length, out bool isLocal);
        int nameAt = header.Free[run].End - space;
        header.Count++;
        if (index >= header.Count || nameAt < header.EntriesEnd || header.EntriesEnd > header.FirstUsed)
        {
            Fail(leaf, BlockFault.Bad($"freemap[{run}]", $"{header.Free[run].Base}+{header.Free[run].Size}"));
        }

        Span<byte> table = block[..header.EntriesEnd];
        table[LeafEntries.At(index)..^LeafEntries.Size].CopyTo(table[LeafEntries.At(index + 1)..]);
        header.Free[run].Size -= space;
        AttributeBits kind = isLocal ? AttributeBits.Local : AttributeBits.Incomplete;
        LeafEntries.Write(block, index, change.Hash, nameAt, change.Filter | kind);
        WriteItem(block.Slice(nameAt, space), change, isLocal);
        if (!isLocal)
        {
            // It has no blocks yet: that it will have some is all that is known.
            change.RemoteBlock = 1;
            change.RemoteLength = change.Value.Length;
            change.RemoteCount = (uint)AttributeRemoteValue.BlocksOf(change.Value.Length, block.Length, hasCrc: true);
        }

        header.FirstUsed = Math.Min(header.FirstUsed, nameAt);
        header.UsedBytes += space;
        PushUp(header);
        header.Write(block);
        Check(leaf, header);
    }

    /// <summary>
    /// A header that lies makes one name's bytes another's: whatever was written there is not to be read as an entry.
    /// </summary>
    private static void Check(EditBuffer leaf, LeafHeader header)
    {
        ReadOnlySpan<byte> block = leaf.Bytes;
        BlockFault fault = AttributeLeaf.CheckEntries(
            block, block[LeafHeader.Size..header.EntriesEnd], header.FirstUsed);
        if (fault.IsNone) fault = LeafEntries.Check(block, header.Count);
        if (!fault.IsNone) Fail(leaf, fault);
    }

    private static void WriteItem(Span<byte> item, AttributeChange change, bool isLocal)
    {
        item.Clear();
        int nameAt = isLocal ? AttributeLeaf.At.LocalNameAt : AttributeLeaf.At.RemoteNameAt;
        change.Name.Span.CopyTo(item[nameAt..]);
        if (!isLocal)
        {
            item[AttributeLeaf.At.RemoteNameLengthAt] = (byte)change.Name.Length;
            return;
        }

        item[AttributeLeaf.At.LocalNameLengthAt] = (byte)change.Name.Length;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(
            item[AttributeLeaf.At.LocalValueLengthAt..], (ushort)change.Value.Length);
        change.Value.Span.CopyTo(item[(nameAt + change.Name.Length)..]);
    }

    /// <summary>Free runs give way to the table, which has grown by one entry.</summary>
    private static void PushUp(LeafHeader header)
    {
        int end = header.EntriesEnd;
        for (int run = 0; run < header.Free.Length; run++)
        {
            LeafFreeRun free = header.Free[run];
            int by = 0;
            if (free.Base == end - LeafEntries.Size) by = LeafEntries.Size;
            else if (free.Size > 0 && free.Base < end) by = end - free.Base;
            free = new(free.Base + by, free.Size - Math.Min(free.Size, by));
            if (free is { Size: 0, Base: > 0 })
            {
                free = default;
                header.HasHoles = true;
            }

            header.Free[run] = free;
        }
    }

    /// <summary>Tells the runs of a name's space, and of the table's end, that are free now.</summary>
    private static void Release(LeafHeader header, int nameAt, int space)
    {
        LeafFreeRun[] free = header.Free;
        int before = -1;
        int after = -1;
        int smallest = free.Length - 1;
        int least = free[0].Size;
        for (int run = 0; run < free.Length; run++)
        {
            if (free[run].Base == header.EntriesEnd)
            {
                free[run] = new(free[run].Base - LeafEntries.Size, free[run].Size + LeafEntries.Size);
            }

            if (free[run].End == nameAt) before = run;
            else if (free[run].Base == nameAt + space) after = run;
            else if (free[run].Size < least) (least, smallest) = (free[run].Size, run);
        }

        if (before >= 0)
        {
            free[before].Size += space;
            if (after < 0) return;
            free[before].Size += free[after].Size;
            free[after] = default;
        }
        else if (after >= 0)
        {
            free[after] = new(nameAt, free[after].Size + space);
        }
        else if (free[smallest].Size < space)
        {
            free[smallest] = new(nameAt, space);
        }
    }

    private static int LowestName(ReadOnlySpan<byte> block, int count)
    {
        int lowest = block.Length;
        for (int index = 0; index < count; index++) lowest = Math.Min(lowest, LeafEntries.NameAt(block, index));
        return lowest;
    }

    private static void FailSpace(EditBuffer leaf) =>
        Fail(leaf, BlockFault.Bad("usedbytes", "names that do not fit into the block"));

    private static void Fail(EditBuffer leaf, BlockFault why) =>
        RecoveryFailure.Throw(why, leaf.Offset, leaf.Bytes.Length, "attribute leaf");
}
