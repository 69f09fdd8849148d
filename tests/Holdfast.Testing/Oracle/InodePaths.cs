// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Failures.Impacts;

namespace Holdfast.Testing.Oracle;

/// <summary>
/// The full relation of inodes and their paths, one pair a hard link, relative to the root of the filesystem; the root
/// itself has the empty path.
/// </summary>
public sealed class InodePaths
{
    private readonly SortedDictionary<ulong, List<PathName>> _paths = [];

    /// <summary>Sorted by number.</summary>
    public IEnumerable<ulong> Inodes => _paths.Keys;

    public int InodeCount => _paths.Count;

    public int PathCount => _paths.Values.Sum(paths => paths.Count);

    /// <summary>Sorted by bytes; empty for an inode that has none.</summary>
    public IReadOnlyList<PathName> this[ulong inode] =>
        _paths.TryGetValue(inode, out List<PathName>? paths) ? paths : [];

    /// <summary>Reads "inode path" pairs, each closed by a NUL, as find prints them.</summary>
    /// <exception cref="FormatException">They are no such pairs.</exception>
    public static InodePaths FromZeroSeparated(ReadOnlyMemory<byte> text)
    {
        var paths = new InodePaths();
        while (!text.IsEmpty)
        {
            int end = text.Span.IndexOf((byte)0);
            int blank = text.Span.IndexOf((byte)' ');
            if (end < 0 || blank < 0 || blank > end) throw new FormatException("\"inode path\" and a NUL wanted");
            ulong inode = ulong.Parse(text.Span[..blank], CultureInfo.InvariantCulture);
            paths.Add(inode, new PathName(text[(blank + 1)..end]));
            text = text[(end + 1)..];
        }

        paths.Sort();
        return paths;
    }

    /// <summary>From pairs in any order.</summary>
    public static InodePaths From(IEnumerable<(ulong Inode, PathName Path)> pairs)
    {
        var paths = new InodePaths();
        foreach ((ulong inode, PathName path) in pairs) paths.Add(inode, path);
        paths.Sort();
        return paths;
    }

    /// <summary>One line a pair, to be compared and shown: control and non-ASCII bytes are escaped.</summary>
    public IEnumerable<string> Lines()
    {
        foreach ((ulong inode, List<PathName> paths) in _paths)
        {
            foreach (PathName path in paths) yield return $"{inode} {Escaped(path.Bytes.Span)}";
        }
    }

    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte one in bytes)
        {
            if (one is >= (byte)' ' and < 0x7F and not (byte)'\\') text.Append((char)one);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{one:x2}");
        }

        return text.ToString();
    }

    private void Add(ulong inode, PathName path)
    {
        if (!_paths.TryGetValue(inode, out List<PathName>? paths)) _paths.Add(inode, paths = []);
        paths.Add(path);
    }

    private void Sort()
    {
        foreach (List<PathName> paths in _paths.Values) paths.Sort();
    }
}
