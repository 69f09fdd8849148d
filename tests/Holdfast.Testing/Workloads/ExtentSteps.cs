// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Files in very many pieces: their block maps are btrees of two and more levels.</summary>
internal static class ExtentSteps
{
    private const int Unit = 64 << 10; // at least one block of every filesystem

    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("pieces");
        Punched(place, "pieces/unwritten", place.Count(6000), written: false);
        Punched(place, "pieces/written", place.Count(150), written: true);
        Interleaved(place, 8, place.Count(40));
        Shifted(place);
    }

    /// <summary>Every second unit punched out of one preallocation.</summary>
    private static void Punched(WorkloadPlace place, string name, int pieces, bool written)
    {
        // The unwritten one takes 4 KiB units, to have thousands of pieces in little space, and blocks larger than
        // that round them to nothing: there the pieces are fewer.
        int unit = written ? Unit : 4 << 10;
        using TreeFile file = place.Tree.OpenFile(name, create: true);
        file.Allocate(Allocation.Preallocate, 0, 2L * pieces * unit);
        for (int i = 0; i < pieces; i++)
        {
            if (written) file.Write(2L * i * unit, place.Bytes(unit));
            file.Allocate(Allocation.PunchHole, ((2L * i) + 1) * unit, unit);
        }
    }

    /// <summary>Files that grow in turn, flushed after each block: none gets neighbouring blocks.</summary>
    private static void Interleaved(WorkloadPlace place, int files, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < files; i++)
            {
                using TreeFile file = place.Tree.OpenFile($"pieces/turn{i}", create: round == 0);
                // Falling offsets defeat the allocator's guess that a file grows at its end.
                file.Write((long)(rounds - round) * Unit, place.Bytes(1 + place.Random.Next(5000)));
            }

            if (round % 4 == 0) place.Tree.Sync();
        }
    }

    /// <summary>Extents cut out and pushed in: logical offsets move, blocks stay.</summary>
    private static void Shifted(WorkloadPlace place)
    {
        using TreeFile file = place.Tree.OpenFile("pieces/shifted", create: true);
        file.Write(0, place.Bytes(16 * Unit));
        file.Flush();
        for (int i = 0; i < 6; i++)
        {
            file.Allocate(Allocation.InsertRange, (1 + place.Random.Next(10)) * (long)Unit, Unit);
            file.Allocate(Allocation.CollapseRange, (1 + place.Random.Next(10)) * (long)Unit, Unit);
        }
    }
}
