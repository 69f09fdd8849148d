// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>What must be true whatever happened: bytes that were accepted, bytes that may be there.</summary>
internal sealed class SimulatedModel(int disks)
{
    private readonly bool[][] _accepted = New(disks);
    private readonly bool[][] _possible = New(disks);

    internal HashSet<string> AcceptedKeys { get; } = [];

    /// <summary>Somebody was told that these bytes are in the ledger.</summary>
    internal void Accept(int disk, ByteRange range) => Mark(_accepted, disk, range);

    /// <summary>They may be there: somebody tried to bring them.</summary>
    internal void Allow(int disk, ByteRange range) => Mark(_possible, disk, range);

    /// <summary>A filesystem moved, and what it lost with it.</summary>
    internal void AllowAll(int disk) => Array.Fill(_possible[disk], true);

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
