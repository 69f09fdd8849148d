// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>
/// Shared blocks: whole files, parts, the same blocks twice in one file, and then writes that part them again. Does
/// nothing where the filesystem cannot share.
/// </summary>
internal static class ReflinkSteps
{
    private const int Unit = 64 << 10; // a whole number of blocks on every filesystem

    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("shared");
        using TreeFile source = place.Tree.OpenFile("shared/source", create: true);
        source.Write(0, place.Bytes(48 * Unit));
        source.Allocate(Allocation.Preallocate, 48 * Unit, 8 * Unit);
        source.Write((60 * Unit) + 100, place.Bytes(9000));
        for (int i = 0; i < place.Count(24, atLeast: 6); i++)
        {
            using TreeFile copy = place.Tree.OpenFile($"shared/copy{i}", create: true);
            if (!Share(place, source, copy, i)) return;
            if (i % 3 == 0) place.Tree.Sync();
            int rewrites = place.Random.Next(6);
            for (int j = 0; j < rewrites; j++)
            {
                copy.Write(place.Random.Next(40 * Unit), place.Bytes(place.Length(20000)));
            }
        }

        Middle(place);
        source.Write(5 * Unit, place.Bytes(Unit)); // the source itself parts from its copies
        place.Tree.Sync();
        using TreeFile unshared = place.Tree.OpenFile("shared/copy0");
        unshared.Allocate(Allocation.UnshareRange, 0, 4 * Unit);
        place.Tree.Delete("shared/copy1");
    }

    /// <summary>One extent of which only the middle and the end are shared.</summary>
    private static void Middle(WorkloadPlace place)
    {
        using TreeFile whole = place.Tree.OpenFile("shared/whole", create: true);
        using TreeFile part = place.Tree.OpenFile("shared/part", create: true);
        whole.Write(0, place.Bytes(12 * Unit));
        place.Tree.Sync();
        whole.IsCloned(part, 3 * Unit, 2 * Unit, 0);
        whole.IsCloned(part, 10 * Unit, 2 * Unit, 8 * Unit);
    }

    private static bool Share(WorkloadPlace place, TreeFile source, TreeFile copy, int number)
    {
        const int WholeFile = 0; // as FICLONERANGE says "to the end"
        if (number % 4 == 0) return source.IsCloned(copy, 0, WholeFile, 0);
        for (int part = 0; part < 1 + place.Random.Next(5); part++)
        {
            long from = place.Random.Next(30) * (long)Unit;
            long length = (1 + place.Random.Next(10)) * (long)Unit;
            if (!source.IsCloned(copy, from, length, place.Random.Next(40) * (long)Unit)) return false;
        }

        // The same blocks at two places of one file.
        return number % 5 != 1 || source.IsCloned(copy, Unit, 2 * Unit, 50 * Unit);
    }

    private static bool IsCloned(this TreeFile from, TreeFile to, long fromOffset, long length, long offset) =>
        to.TryCloneRange(from, fromOffset, length, offset);
}
