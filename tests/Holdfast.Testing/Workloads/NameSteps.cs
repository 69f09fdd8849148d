// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Names and what they lead to: odd bytes, hard links, symlinks short and long, special files.</summary>
internal static class NameSteps
{
    private const int LongestTarget = 1023; // that XFS takes; long ones have a block or two of their own

    public static void Run(WorkloadPlace place)
    {
        Tree tree = place.Tree;
        tree.MakeFolder("names");
        string[] odd =
        [
            " ", "two\nlines", "tab\there", "back\\slash", "quote\"'", "\x01\x7f", "\xff\xfe not text", "cut\xc3",
            "gr\xc3\xbc\xc3\x9fe", "...", "-rf", new('n', 255), new('\xe4', 255), "%s %d", "$(x)", "*",
        ];
        foreach (string name in odd) tree.Create("names/" + name);
        foreach (string name in odd) tree.Link("names/" + name, "names/again-" + name[..Math.Min(name.Length, 200)]);
        tree.MakeFolder("names/folder\n\xff");
        tree.Create("names/folder\n\xff/inside");

        Links(place);
        Symlinks(place);
        Special(place);
    }

    private static void Links(WorkloadPlace place)
    {
        place.Tree.MakeFolder("links");
        for (int i = 0; i < 6; i++) place.Tree.MakeFolder($"links/d{i}");
        for (int i = 0; i < place.Count(20); i++)
        {
            string first = $"links/d{i % 6}/first{i}";
            using (TreeFile file = place.Tree.OpenFile(first, create: true))
            {
                file.Write(0, place.Bytes(place.Length(9000)));
            }

            int count = i == 0 ? 400 : place.Length(20);
            for (int j = 0; j < count; j++)
            {
                string name = place.LongName($"l{i}-{j}-", place.Length(100));
                place.Tree.Link(first, $"links/d{place.Random.Next(6)}/{name}");
            }

            // An inode whose first name is gone, but not its others.
            if (i % 5 == 0) place.Tree.Delete(first);
        }
    }

    private static void Symlinks(WorkloadPlace place)
    {
        place.Tree.MakeFolder("symlinks");
        for (int i = 0; i < place.Count(40); i++)
        {
            string name = $"symlinks/s{i}";
            place.Tree.Symlink(new string('t', 1 + place.Random.Next(i % 2 == 0 ? LongestTarget : 60)), name);
            if (i % 6 == 0) place.Tree.SetAttribute(name, "trusted.on-symlink", place.Bytes(place.Length(4000)));
        }

        place.Tree.Symlink(new string('u', LongestTarget), "symlinks/longest");
    }

    private static void Special(WorkloadPlace place)
    {
        place.Tree.MakeFolder("special");
        for (int i = 0; i < 4; i++)
        {
            place.Tree.MakeFifo($"special/fifo{i}");
            place.Tree.MakeSocket($"special/socket{i}");
            place.Tree.MakeDevice($"special/block{i}", block: true, (ulong)(0x100 + i));
            place.Tree.MakeDevice($"special/character{i}", block: false, 0xFE03);
        }

        place.Tree.SetAttribute("special/fifo0", "trusted.on-fifo", place.Bytes(5000));
        place.Tree.SetAttribute("special/block0", "trusted.on-device", place.Bytes(20000));
    }
}
