// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>What must be true whatever happened: bytes that were accepted, bytes that may be there.</summary>
internal sealed class SimulatedModel(int disks)
{
    private readonly bool[][] _accepted = New(disks);
    private readonly bool[][] _possible = New(disks);
    private readonly HashSet<(int From, int At, int To, int There, int Count)> _moves = [];

    internal HashSet<string> AcceptedKeys { get; } = [];

    /// <summary>Somebody was told that these bytes are in the ledger.</summary>
    internal void Accept(int disk, ByteRange range) => Mark(_accepted, disk, range);

    /// <summary>They may be there: somebody tried to bring them.</summary>
    internal void Allow(int disk, ByteRange range) => Mark(_possible, disk, range);

    /// <summary>A filesystem may move, and what it lost with it, also what it is yet to lose before.</summary>
    internal void AllowMove(int from, ByteRange range, int to, ByteRange there) => _moves.Add(
        (from, (int)(range.Offset / SimulatedWorld.Sector), to, (int)(there.Offset / SimulatedWorld.Sector),
            (int)(Math.Min(range.Length, there.Length) / SimulatedWorld.Sector)));

    /// <summary>What may have moved since, moves.</summary>
    internal void FollowMoves()
    {
        bool isChanged = _moves.Count > 0;
        while (isChanged)
        {
            isChanged = false;
            foreach ((int from, int at, int to, int there, int count) in _moves)
            {
                for (int i = 0; i < count; i++)
                {
                    if (!_possible[from][at + i] || _possible[to][there + i]) continue;
                    _possible[to][there + i] = true;
                    isChanged = true;
                }
            }
        }
    }

    internal bool IsAccepted(int disk, int sector) => _accepted[disk][sector];

    internal bool IsPossible(int disk, int sector) => _possible[disk][sector];

    private static bool[][] New(int disks) =>
        [.. Enumerable.Range(0, disks).Select(_ => new bool[SimulatedWorld.SectorsOfDisk])];

    private static void Mark(bool[][] map, int disk, ByteRange range)
    {
        for (long at = range.Offset; at < range.End; at += SimulatedWorld.Sector)
        {
            map[disk][at / SimulatedWorld.Sector] = true;
        }
    }
}
