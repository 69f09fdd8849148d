// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>
/// Chunks dealt out over members: raid0, device-mapper's striped, raid10, raid4, raid5, raid6. Which chunk of the
/// device above lies in which of a member is the layout's.
/// </summary>
/// <param name="chunk">Bytes that lie together.</param>
/// <param name="starts">Of each member the byte at which its data begins.</param>
/// <param name="layout">How chunks are dealt out.</param>
/// <param name="length">Bytes of the device above.</param>
public sealed class ChunkedLayer(string kind, long chunk, IReadOnlyList<long> starts, IChunkLayout layout, long length)
    : StackLayer
{
    public override string Kind => kind;

    public override int Redundancy => layout.Redundancy;

    public override IEnumerable<StackPiece> Up(int member, ByteRange below)
    {
        long start = starts[member];
        if (below.End <= start) yield break;
        for (long at = Math.Max(below.Offset, start); at < below.End;)
        {
            long row = (at - start) / chunk;
            long inside = (at - start) % chunk;
            long end = Math.Min(below.End, start + ((row + 1) * chunk));
            if (row >= layout.Rows(length, chunk)) yield break;
            if (layout.ChunkAt(member, row) is { } number)
            {
                // The last chunk of the device above may be cut off.
                ByteRange above = new ByteRange(0, length).Intersect(new((number * chunk) + inside, end - at));
                if (!above.IsEmpty) yield return new(member, new(at, above.Length), above);
            }

            at = end;
        }
    }

    public override IEnumerable<StackPiece> Down(ByteRange above)
    {
        ByteRange range = new ByteRange(0, length).Intersect(above);
        for (long at = range.Offset; at < range.End;)
        {
            long number = at / chunk;
            long end = Math.Min(range.End, (number + 1) * chunk);
            foreach ((int member, long row) in layout.PlacesOf(number))
            {
                long below = starts[member] + (row * chunk) + (at % chunk);
                yield return new(member, new(below, end - at), ByteRange.FromTo(at, end));
            }

            at = end;
        }
    }
}

/// <summary>Which chunk of a device lies in which row of which member.</summary>
public interface IChunkLayout
{
    /// <summary>How many members may fail whole without a byte being lost.</summary>
    int Redundancy { get; }

    /// <summary>Rows of chunks on each member, for a device of so many bytes.</summary>
    long Rows(long length, long chunk);

    /// <returns>Null where the member has no data there: parity, or nothing.</returns>
    long? ChunkAt(int member, long row);

    /// <summary>Every copy of a chunk.</summary>
    IEnumerable<(int Member, long Row)> PlacesOf(long chunk);
}
