// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Workloads;

namespace Holdfast.Testing.Crashes;

/// <summary>Changes of names: renames, links, symlinks, folders that come and go.</summary>
internal sealed class NameChanges(WorkloadPlace place)
{
    public void Change(string home, string name, string other)
    {
        Tree tree = place.Tree;
        switch (place.Random.Next(10))
        {
            case < 4:
                tree.Rename(name, other);
                break;
            case < 6:
                tree.Link(name, place.LongName($"{home}/d0/l{place.Random.Next(300)}-", 20 + place.Length(200)));
                break;
            case 6:
                tree.Symlink(place.LongName("to-", 3 + place.Length(240)), other);
                break;
            case 7:
                tree.MakeFolder($"{home}/d{place.Random.Next(6)}/n{place.Random.Next(30)}");
                break;
            case 8:
                tree.DeleteFolder($"{home}/d{place.Random.Next(6)}/n{place.Random.Next(30)}");
                break;
            default:
                Litter(home);
                break;
        }
    }

    /// <summary>So many empty files that a folder changes its form, and their deletion.</summary>
    private void Litter(string home)
    {
        int series = place.Random.Next(3);
        string folder = $"{home}/d{place.Random.Next(6)}";
        bool delete = place.Tree.Has($"{folder}/many-{series}-0");
        for (int i = 0; i < 80; i++)
        {
            string name = $"{folder}/many-{series}-{i}";
            if (delete) place.Tree.Delete(name);
            else place.Tree.Create(name);
        }
    }
}
