// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Workloads;

namespace Holdfast.Testing.Crashes;

/// <summary>Changes of the content and the attributes of one file.</summary>
internal sealed class FileChanges(WorkloadPlace place)
{
    private const int Unit = 64 << 10;
    private const int AttributesMax = 12;

    /// <param name="file">Any file.</param>
    /// <param name="number">From 1 to 11: what happens to it.</param>
    public void Change(TreeFile file, int number)
    {
        long at = place.Random.Next(1 << 20);
        int length = 1 + place.Length(Unit);
        switch (number)
        {
            case < 4:
                file.Write(at, place.Bytes(length));
                break;
            case 4:
                Scatter(file);
                break;
            case 5:
                file.SetLength(place.Random.Next(1 << 19));
                break;
            case 6:
                file.Allocate(Allocation.KeepSize, at, length * 8L);
                break;
            case 7:
                file.Allocate(Allocation.PunchHole, at, length * 4L);
                break;
            case 8:
                file.Allocate(Allocation.ZeroRange, at, length * 2L);
                break;
            case 9:
                file.Allocate(Allocation.CollapseRange, at / Unit * Unit, Unit);
                break;
            case 10:
                file.Allocate(Allocation.InsertRange, at / Unit * Unit, Unit);
                break;
            default:
                file.SetLength(0);
                file.Write(0, place.Bytes(length));
                break;
        }
    }

    /// <summary>Blocks of another file, of which some are then written again (CoW).</summary>
    public void Share(TreeFile file, TreeFile source)
    {
        const long WholeFile = 0; // as FICLONERANGE says "to the end"
        if (place.Chance(0.3)) file.TryCloneRange(source, 0, WholeFile, 0);
        else file.TryCloneRange(source, 0, Unit * (1L + place.Random.Next(4)), Unit * (long)place.Random.Next(8));
        for (int i = place.Random.Next(4); i > 0; i--)
        {
            file.Write(place.Random.Next(4 * Unit), place.Bytes(place.Length(20000)));
        }
    }

    public void ChangeAttributes(string name)
    {
        for (int i = place.Random.Next(1, 5); i > 0; i--)
        {
            string attribute = $"user.{place.Random.Next(AttributesMax)}-of-a-file";
            if (place.Chance(0.3))
            {
                place.Tree.RemoveAttribute(name, attribute);
                continue;
            }

            // Inside the inode, in blocks, or with a value in blocks of its own.
            int most = place.Random.Next(10) switch { < 6 => 100, < 9 => 2500, _ => 30000 };
            place.Tree.SetAttribute(name, attribute, place.Bytes(place.Length(most)));
        }
    }

    /// <summary>Many small extents, so that a fork becomes a btree.</summary>
    private void Scatter(TreeFile file)
    {
        int count = place.Random.Next(1, 60);
        for (int i = 0; i < count; i++) file.Write(Unit * 2L * place.Random.Next(200), place.Bytes(512));
    }
}
