// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>
/// Renames, deletions, truncations and rewrites in any order: what a filesystem looks like after some use.
/// </summary>
internal static class ChurnSteps
{
    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("churn");
        for (int i = 0; i < 10; i++) place.Tree.MakeFolder($"churn/d{i}");
        var files = new List<string>();
        for (int i = 0; i < place.Count(3000); i++)
        {
            if (files.Count < 50 || place.Chance(0.45))
            {
                Create(place, files, i);
                continue;
            }

            int chosen = place.Random.Next(files.Count);
            Change(place, files, chosen, i);
        }
    }

    private static void Create(WorkloadPlace place, List<string> files, int number)
    {
        string name = $"churn/d{place.Random.Next(10)}/{place.LongName($"c{number}-", place.Length(60))}";
        using TreeFile file = place.Tree.OpenFile(name, create: true);
        file.Write(0, place.Bytes(place.Length(40000)));
        files.Add(name);
    }

    private static void Change(WorkloadPlace place, List<string> files, int chosen, int number)
    {
        string name = files[chosen];
        switch (place.Random.Next(5))
        {
            case 0:
                place.Tree.Delete(name);
                files.RemoveAt(chosen);
                break;
            case 1:
                string renamed = $"churn/d{place.Random.Next(10)}/{place.LongName($"r{number}-", place.Length(120))}";
                place.Tree.Rename(name, renamed);
                files[chosen] = renamed;
                break;
            case 2: // over another file, which goes
                int victim = place.Random.Next(files.Count);
                if (victim == chosen) break;
                place.Tree.Rename(name, files[victim]);
                files.RemoveAt(chosen);
                break;
            case 3:
                using (TreeFile file = place.Tree.OpenFile(name)) file.SetLength(place.Random.Next(30000));
                break;
            default:
                using (TreeFile file = place.Tree.OpenFile(name))
                {
                    file.Write(place.Random.Next(60000), place.Bytes(place.Length(20000)));
                }

                break;
        }
    }
}
