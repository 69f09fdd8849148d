// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Ordinary files of all sizes: plain, with holes, preallocated, preallocated past their end.</summary>
internal static class FileSteps
{
    private const int Largest = 2 << 20;

    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("files");
        for (int i = 0; i < place.Count(400); i++)
        {
            using TreeFile file = place.Tree.OpenFile($"files/f{i:D5}", create: true);
            Fill(place, file, i);
            if (place.Chance(0.05)) file.Flush();
            if (place.Chance(0.1)) file.SetOwner((uint)place.Random.Next(5), (uint)place.Random.Next(5));
        }

        place.Tree.Sync();
    }

    private static void Fill(WorkloadPlace place, TreeFile file, int number)
    {
        int length = place.Length(Largest / 4);
        switch (number % 8)
        {
            case 0: // large
                file.Write(0, place.Bytes(place.Length(Largest)));
                break;
            case 1: // empty
                break;
            case 2: // all hole
                file.SetLength(length);
                break;
            case 3: // islands in holes, written in any order
                for (int island = 0; island < 12; island++)
                {
                    file.Write(place.Random.Next(1 << 22), place.Bytes(place.Length(1 << 15)));
                }

                break;
            case 4: // unwritten, with some of it written since
                file.Allocate(Allocation.Preallocate, 0, length);
                file.Write(length / 3, place.Bytes(length / 5));
                break;
            case 5: // blocks past the end of the file
                file.Write(0, place.Bytes(length));
                file.Allocate(Allocation.KeepSize, length, 1 + place.Length(1 << 19));
                break;
            case 6: // content, then zeroed in the middle: unwritten between written
                file.Write(0, place.Bytes(length));
                file.Allocate(Allocation.ZeroRange | Allocation.KeepSize, length / 4, 1 + (length / 2));
                break;
            default: // a hole far out: offsets that need all their bits
                file.Write(0, place.Bytes(100));
                file.Write((1L << 40) + place.Random.Next(1 << 30), place.Bytes(5000));
                break;
        }
    }
}
