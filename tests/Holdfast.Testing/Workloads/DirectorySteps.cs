// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Directories in every form, and deep ones: inside the inode, one block, a leaf, a tree of leaves.</summary>
internal static class DirectorySteps
{
    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("folders");
        place.Tree.Create("folders/target");
        // Each form of each directory block size is met by one of these counts.
        int[] counts = [0, 1, 5, 20, 60, 150, 400, 1500, place.Count(4000)];
        foreach (int count in counts) Entries(place, $"folders/short{count}", count, 24);
        foreach (int count in counts[..^1]) Entries(place, $"folders/long{count}", count, 200);
        Shrunk(place);
        Deep(place);
        DeeperThanAnyPath(place);
    }

    /// <summary>A directory of names of one length: mostly hard links, which cost no inode.</summary>
    private static void Entries(WorkloadPlace place, string folder, int count, int nameLength)
    {
        place.Tree.MakeFolder(folder);
        for (int i = 0; i < count; i++)
        {
            string name = $"{folder}/{place.LongName($"e{i}-", nameLength)}";
            switch (i % 8)
            {
                case 0: place.Tree.Create(name); break;
                case 1: place.Tree.Symlink("../target", name); break;
                case 2 when count < 1000: place.Tree.MakeFolder(name); break;
                default: place.Tree.Link("folders/target", name); break;
            }
        }
    }

    /// <summary>
    /// Grown, then emptied by most of its entries: free space inside blocks, and freed blocks between.
    /// </summary>
    private static void Shrunk(WorkloadPlace place)
    {
        place.Tree.MakeFolder("folders/shrunk");
        string[] names =
        [
            .. Enumerable.Range(0, place.Count(3000)).Select(i => "folders/shrunk/" + place.LongName($"{i}-", 40)),
        ];
        foreach (string name in names) place.Tree.Link("folders/target", name);
        for (int i = 0; i < names.Length; i++)
        {
            if (i / 500 % 2 == 0 || place.Chance(0.8)) place.Tree.Delete(names[i]);
        }
    }

    private static void Deep(WorkloadPlace place)
    {
        string folder = "folders/deep";
        place.Tree.MakeFolder(folder);
        for (int i = 0; i < 200; i++)
        {
            folder += $"/d{i}";
            place.Tree.MakeFolder(folder);
            if (i % 10 == 0) place.Tree.Create(folder + "/file");
        }
    }

    /// <summary>The path of the innermost file is longer than the kernel's PATH_MAX of 4096 bytes.</summary>
    private static void DeeperThanAnyPath(WorkloadPlace place)
    {
        place.Tree.MakeFolder("folders/deeper");
        Tree at = place.Tree.OpenFolder("folders/deeper");
        for (int i = 0; i < 25; i++)
        {
            string name = place.LongName($"{i}-", 250);
            at.MakeFolder(name);
            Tree next = at.OpenFolder(name);
            at.Dispose();
            at = next;
        }

        using TreeFile file = at.OpenFile("innermost", create: true);
        file.Write(0, place.Bytes(10000));
        at.Dispose();
    }
}
