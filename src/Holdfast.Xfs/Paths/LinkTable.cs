// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Paths;

/// <summary>
/// Directories that were reached, each with its parent and its name, and paths made from them. Names lie end to end in
/// one array: a million directories cost some forty megabytes.
/// </summary>
internal sealed class LinkTable
{
    /// <summary>No path is followed further up than this; the kernel's own limit on a path is 4096 bytes.</summary>
    private const int PathDepthMax = 1 << 16;

    private readonly record struct Entry(ulong Inode, int Parent, int NameAt, byte NameLength);

    private readonly List<Entry> _entries = [];
    private readonly List<byte> _names = [];

    public int Count => _entries.Count;

    public InodeNumber InodeAt(int index) => new(_entries[index].Inode);

    /// <summary>Adds a directory (or any link) below the one at <paramref name="parent"/>; -1 for a root.</summary>
    public int Add(InodeNumber inode, int parent, ReadOnlySpan<byte> name)
    {
        _entries.Add(new(inode.Value, parent, _names.Count, (byte)name.Length));
        _names.AddRange(name);
        return _entries.Count - 1;
    }

    /// <summary>The path of an entry, relative to its root.</summary>
    public PathName PathOf(int index) => PathOf(index, default);

    /// <summary>The path of <paramref name="name"/> in the directory at <paramref name="directory"/>.</summary>
    public PathName PathOf(int directory, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> names = CollectionsMarshal.AsSpan(_names);
        int length = name.Length;
        int depth = 0;
        for (int i = directory; i >= 0 && _entries[i].Parent >= 0
            && depth < PathDepthMax; i = _entries[i].Parent, depth++)
        {
            length += _entries[i].NameLength + (length > 0 ? 1 : 0);
        }

        byte[] path = new byte[length];
        int at = length - name.Length;
        name.CopyTo(path.AsSpan(at));
        for (int i = directory; i >= 0 && _entries[i].Parent >= 0 && depth > 0; i = _entries[i].Parent, depth--)
        {
            if (at < length) path[--at] = (byte)'/';
            Entry entry = _entries[i];
            at -= entry.NameLength;
            names.Slice(entry.NameAt, entry.NameLength).CopyTo(path.AsSpan(at));
        }

        return new PathName(path);
    }
}
