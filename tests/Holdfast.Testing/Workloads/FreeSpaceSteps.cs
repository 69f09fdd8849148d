// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>
/// Free space in crumbs: the device is filled, small holes are punched, and inodes created then have to take chunks
/// with holes in them (sparse inodes). Afterwards half of it is given back, in pieces.
/// </summary>
internal static class FreeSpaceSteps
{
    // A hole takes an aligned half of a chunk of 64 inodes of 512 bytes wherever it lies, and never a whole one.
    private const int Hole = 28 << 10;
    private const int Pitch = 64 << 10;

    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("crumbs");
        using (TreeFile filler = place.Tree.OpenFile("crumbs/filler", create: true))
        {
            long filled = Fill(filler);
            int holes = (int)Math.Min(place.Count(2500, atLeast: 1000), filled / (2 * Pitch));
            for (int i = 0; i < holes; i++)
            {
                filler.Allocate(Allocation.PunchHole, place.Random.NextInt64(filled / Pitch) * Pitch, Hole);
            }

            place.Tree.Sync();
            TakeLargeExtents(place);
            Inodes(place, place.Count(1500, atLeast: 700));
            for (int i = 0; i < 40; i++)
            {
                filler.Allocate(Allocation.PunchHole, place.Random.NextInt64(filled), place.Length(1 << 24));
            }

            filler.SetLength(filled / 2);
        }

        for (int i = 0; i < place.Count(1500, atLeast: 700); i += 3) DeleteIfThere(place, i);
    }

    private static long Fill(TreeFile filler)
    {
        long filled = 0;
        for (long step = 1L << 30; step >= Hole; step /= 2)
        {
            while (filler.TryAllocate(Allocation.Preallocate, filled, step)) filled += step;
        }

        return filled;
    }

    /// <summary>
    /// Full is not full: each group keeps blocks for its own btrees, in long extents. With as much given back in holes
    /// they can be had, and go first; what goes last, pieces, is given back.
    /// </summary>
    private static void TakeLargeExtents(WorkloadPlace place)
    {
        const int Step = 256 << 10;
        using TreeFile second = place.Tree.OpenFile("crumbs/second", create: true);
        long taken = 0;
        while (second.TryAllocate(Allocation.Preallocate, taken, Step)) taken += Step;
        second.SetLength(taken - (taken / 4));
    }

    /// <summary>As many as there is room for, most of them empty.</summary>
    private static void Inodes(WorkloadPlace place, int count)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                using TreeFile file = place.Tree.OpenFile($"crumbs/i{i}", create: true);
                if (i % 10 == 0) file.Write(0, place.Bytes(3000));
            }
        }
        catch (IOException e) when (e.HResult == Posix.ENOSPC)
        {
            // Full is what this step is about.
        }
    }

    private static void DeleteIfThere(WorkloadPlace place, int number)
    {
        if (!place.Tree.Has($"crumbs/i{number}")) return;
        place.Tree.Delete($"crumbs/i{number}");
    }
}
