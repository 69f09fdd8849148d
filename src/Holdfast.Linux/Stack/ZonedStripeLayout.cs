// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>
/// md's raid0 of members that differ in size (drivers/md/raid0.c): zones, each over the members that reach so far. The
/// first chunk of a zone lies on its first member; but on arrays made before Linux 3.14 chunks go on in turn by their
/// number in the array.
/// </summary>
public sealed class ZonedStripeLayout : IChunkLayout
{
    // Numbers in the sysfs file "layout".
    private const int Original = 1;
    private const int Alternate = 2;

    private readonly List<Zone> _zones = [];
    private readonly bool _isOriginal;

    private ZonedStripeLayout(bool isOriginal) => _isOriginal = isOriginal;

    public int Redundancy => 0;

    /// <param name="Row">Its first on each of its members.</param>
    /// <param name="Chunk">Its first of the array.</param>
    /// <param name="Members">Those that reach so far, in the array's order.</param>
    private sealed record Zone(long Row, long Rows, long Chunk, int[] Members)
    {
        public long Chunks => Rows * Members.Length;
    }

    /// <param name="rows">Whole chunks of each member.</param>
    /// <param name="layout">As sysfs has it; does not matter where there is one zone.</param>
    /// <returns>Null where there are several zones, and the kernel does not say how they are dealt out.</returns>
    public static ZonedStripeLayout? Of(IReadOnlyList<long> rows, int layout)
    {
        var made = new ZonedStripeLayout(layout == Original);
        long row = 0;
        long chunk = 0;
        foreach (long end in rows.Where(count => count > 0).Distinct().Order())
        {
            int[] members = [.. Enumerable.Range(0, rows.Count).Where(member => rows[member] >= end)];
            var zone = new Zone(row, end - row, chunk, members);
            made._zones.Add(zone);
            row = end;
            chunk += zone.Chunks;
        }

        return made._zones.Count == 1 || layout is Original or Alternate ? made : null;
    }

    public long Rows(long length, long chunk) => _zones.Count == 0 ? 0 : _zones[^1].Row + _zones[^1].Rows;

    public long? ChunkAt(int member, long row)
    {
        if (_zones.Find(at => row < at.Row + at.Rows) is not { } zone) return null;
        int index = Array.IndexOf(zone.Members, member);
        if (index < 0) return null;
        int count = zone.Members.Length;
        long turn = (((index - FirstIndex(zone)) % count) + count) % count;
        return zone.Chunk + ((row - zone.Row) * count) + turn;
    }

    public IEnumerable<(int Member, long Row)> PlacesOf(long chunk)
    {
        if (_zones.Find(at => chunk < at.Chunk + at.Chunks) is not { } zone) return [];
        int count = zone.Members.Length;
        long inside = chunk - zone.Chunk;
        int index = (int)((inside + FirstIndex(zone)) % count);
        return [(zone.Members[index], zone.Row + (inside / count))];
    }

    /// <summary>Which of its members has a zone's first chunk.</summary>
    private int FirstIndex(Zone zone) => _isOriginal ? (int)(zone.Chunk % zone.Members.Length) : 0;
}
