// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Testing.Kernel;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// A file for every form that attributes can have and everything that an intent can do to it; all in one image, so
/// that one mount carries all intents out.
/// </summary>
internal sealed class AttributeCases(int blockSize, int inodeSize, bool hasParents)
{
    private const string User = "user.";
    private const string Trusted = "trusted.";

    private readonly List<(string File, Func<ulong, uint, AttributeIntent> Intent)> _cases = [];
    private readonly Random _random = new(7);

    /// <summary>The forms: how many attributes, and how long their values.</summary>
    private IEnumerable<(string Form, int Count, int Length)> Forms()
    {
        yield return ("none", 0, 0);
        yield return ("one", 1, 20);
        yield return ("short", 3, 20);
        yield return ("full-short", (inodeSize - 176) / 4 / 40, 30);
        yield return ("leaf", 6, blockSize / 20);
        yield return ("full-leaf", 11, blockSize / 14);
        yield return ("node", 40, blockSize / 12);
        yield return ("wide-node", 300, blockSize / 40);
        if (blockSize == 1024) yield return ("tall", 2500, 60);
        yield return ("one-remote", 1, Math.Min(65536, 3 * blockSize));
        yield return ("remote", 6, Math.Min(65536, 5 * blockSize));
        yield return ("remote-among-many", 60, -1);
    }

    /// <summary>What is in the other fork decides how much room attributes have in the inode.</summary>
    private static IEnumerable<(string Name, Action<Tree, string> Make)> Kinds(int blockSize)
    {
        yield return ("full-folder", (tree, name) =>
        {
            tree.MakeFolder(name);
            for (int i = 0; i < 6; i++) tree.Create($"{name}/a-name-of-an-entry-{i}");
        });
        yield return ("long-symlink", (tree, name) => tree.Symlink(new string('t', 150), name));
        yield return ("fifo", (tree, name) => tree.MakeFifo(name));
        foreach (int extents in new[] { 4, 12, 40 })
        {
            yield return ($"{extents}-extents", (tree, name) =>
            {
                using TreeFile file = tree.OpenFile(name, create: true);
                for (long i = 0; i < extents; i++) file.Allocate(Allocation.Preallocate, 2 * i * blockSize, blockSize);
            });
        }
    }

    private static bool IsWorthEachKind((string Form, int Count, int Length) form) =>
        form.Form is "one" or "full-short" or "leaf" or "remote";

    /// <summary>Makes the files; the intents can be had when their numbers are known.</summary>
    public void MakeFiles(Tree tree)
    {
        foreach ((string form, int count, int length) in Forms())
        {
            foreach ((string change, Func<ulong, uint, AttributeIntent> intent) in Changes(count, AttributeBits.None))
            {
                string file = $"{form}.{change}";
                tree.Create(file);
                for (int i = 0; i < count; i++) tree.SetAttribute(file, User + Name(i), Value(i, length));
                _cases.Add((file, intent));
            }
        }

        MakeShrinking(tree, 14, 13);
        MakeShrinking(tree, 40, 39);
        foreach ((string kind, Action<Tree, string> make) in Kinds(blockSize))
        {
            foreach ((string form, int count, int length) in Forms().Where(IsWorthEachKind))
            {
                foreach ((string change, Func<ulong, uint, AttributeIntent> intent)
                    in Changes(count, AttributeBits.Root))
                {
                    string file = $"{kind}.{form}.{change}";
                    make(tree, file);
                    for (int i = 0; i < count; i++) tree.SetAttribute(file, Trusted + Name(i), Value(i, length));
                    _cases.Add((file, intent));
                }
            }
        }
    }

    /// <summary>Trees from which so much is gone that one attribute less lets leaves, or the root, be joined.</summary>
    private void MakeShrinking(Tree tree, int count, int removedMax)
    {
        for (int removed = 1; removed <= removedMax; removed++)
        {
            foreach ((string change, AttributeOperationKind kind, int length) in new[]
            {
                ("remove", AttributeOperationKind.Remove, 0),
                ("replace-small", AttributeOperationKind.Replace, 10),
                ("replace-large", AttributeOperationKind.Replace, blockSize * 6 / 10),
                ("replace-remote", AttributeOperationKind.Replace, Math.Min(65536, 2 * blockSize)),
            })
            {
                string file = $"{count}-less-{removed}.{change}";
                tree.Create(file);
                for (int i = 0; i < count; i++) tree.SetAttribute(file, User + Name(i), Value(i, blockSize / 14));
                for (int i = 0; i < removed; i++) tree.RemoveAttribute(file, User + Name(i));
                _cases.Add((file, Change(AttributeBits.None, change, kind, Name(removed), length).Intent));
            }
        }
    }

    public IReadOnlyList<(string File, ulong Inode, AttributeIntent Intent)> Intents(
        Func<string, InodeStat> inodeOf)
    {
        var intents = new List<(string, ulong, AttributeIntent)>();
        foreach ((string file, Func<ulong, uint, AttributeIntent> intent) in _cases)
        {
            InodeStat inode = inodeOf(file);
            intents.Add((file, inode.Inode, intent(inode.Inode, inode.Generation)));
        }

        return [.. intents.Select((at, i) => (at.Item1, at.Item2, at.Item3 with { Id = 0x5000 + (ulong)i }))];
    }

    private static string Name(int number) => $"name-{number}-{new string('x', number * 7 % 30)}";

    private byte[] Value(int number, int length)
    {
        // Among many: every tenth is remote.
        if (length < 0) length = number % 10 == 0 ? Math.Min(65000, 2 * blockSize) + number : blockSize / 30;
        byte[] value = new byte[length == 0 ? 0 : length - number % Math.Max(1, length / 4)];
        _random.NextBytes(value);
        return value;
    }

    private IEnumerable<(string Change, Func<ulong, uint, AttributeIntent> Intent)> Changes(
        int count, AttributeBits space)
    {
        const AttributeOperationKind set = AttributeOperationKind.Set, replace = AttributeOperationKind.Replace;
        const AttributeOperationKind remove = AttributeOperationKind.Remove;
        yield return Change(space, "set-small", set, "new", 10);
        yield return Change(space, "set-empty", set, "new", 0);
        yield return Change(space, "set-quarter", set, "new", blockSize / 4);
        yield return Change(space, "set-large", set, "new", blockSize * 6 / 10);
        yield return Change(space, "set-remote", set, "new", Math.Min(65536, blockSize * 4 + 100));
        yield return Change(space, "set-longest", set, "longest", 65536);
        yield return Change(space, "remove-missing", remove, "missing", 0);
        if (count > 0)
        {
            yield return Change(space, "set-there", set, Name(0), 12);
            yield return Change(space, "replace-first-small", replace, Name(0), 25);
            yield return Change(space, "replace-last-large", replace, Name(count - 1), blockSize / 2);
            yield return Change(
                space, "replace-middle-remote", replace, Name(count / 2), Math.Min(65536, blockSize * 2));
            yield return Change(space, "remove-first", remove, Name(0), 0);
            yield return Change(space, "remove-last", remove, Name(count - 1), 0);
        }

        if (!hasParents) yield break;
        yield return Parent("pptr-set", AttributeOperationKind.ParentSet, "other", "");
        yield return Parent("pptr-set-long", AttributeOperationKind.ParentSet, new string('y', 255), "");
        yield return Parent("pptr-remove-missing", AttributeOperationKind.ParentRemove, "missing", "");
        yield return Parent("pptr-replace-missing", AttributeOperationKind.ParentReplace, "missing", "renamed");
    }

    private (string Change, Func<ulong, uint, AttributeIntent> Intent) Change(
        AttributeBits space, string change, AttributeOperationKind kind, string name, int length)
    {
        byte[] value = new byte[length];
        _random.NextBytes(value);
        return (change, (inode, _) => AttributeBench.Intent(
            kind, new(inode), space, Encoding.UTF8.GetBytes(name), value));
    }

    private static (string Change, Func<ulong, uint, AttributeIntent> Intent) Parent(
        string change, AttributeOperationKind kind, string name, string newName) =>
        (change, (inode, generation) => AttributeBench.Intent(
            kind, new(inode), AttributeBits.Parent, Encoding.UTF8.GetBytes(name), Record(128, 77)) with
        {
            Generation = generation,
            NewName = Encoding.UTF8.GetBytes(newName),
            NewValue = newName.Length > 0 ? Record(999, 78) : default(ReadOnlyMemory<byte>),
        });

    private static byte[] Record(ulong parent, uint generation)
    {
        byte[] record = new byte[ParentPointer.Size];
        BinaryPrimitives.WriteUInt64BigEndian(record, parent);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(sizeof(ulong)), generation);
        return record;
    }
}
