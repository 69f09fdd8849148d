// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Kernel;

/// <summary>
/// A machine's /sys and /proc as far as Holdfast reads them, unpacked into a folder. A line is a file ("PATH CONTENT",
/// with \n for a line feed), a link ("PATH -> PATH", both from the root) or begins with '#'. `tests/record-tree` writes
/// it.
/// </summary>
public sealed class SysfsTree
{
    private const string Arrow = "-> ";
    private readonly Dictionary<string, string> _tables = [];

    private SysfsTree(string folder) => Folder = folder;

    public string Folder { get; }

    public static SysfsTree Unpack(string file, Scratch scratch)
    {
        var tree = new SysfsTree(scratch.Folder);
        foreach (string name in (string[])["sys/block", "sys/class/block", "sys/dev/block", "proc/self", "dev"])
        {
            Directory.CreateDirectory(scratch.PathOf(name));
        }

        foreach (string line in File.ReadLines(file))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int blank = line.IndexOf(' ');
            (string path, string content) = (line[..blank], line[(blank + 1)..]);
            tree.Add(path, content.Replace("\\n", "\n", StringComparison.Ordinal));
        }

        return tree;
    }

    /// <summary>As `dmsetup table` prints it; null where the tree has none.</summary>
    /// <param name="name">The kernel's: "dm-0".</param>
    public string? TableOf(string name) => _tables.GetValueOrDefault(name);

    private void Add(string path, string content)
    {
        if (path.StartsWith("tables/", StringComparison.Ordinal))
        {
            _tables[path["tables/".Length..]] = content;
            return;
        }

        string place = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        if (content.StartsWith(Arrow, StringComparison.Ordinal))
        {
            string target = Path.Combine(Folder, content[Arrow.Length..].TrimStart('/'));
            Directory.CreateDirectory(target);
            if (!Path.Exists(place)) Directory.CreateSymbolicLink(place, target);
        }
        else
        {
            File.WriteAllText(place, content + "\n");
        }
    }
}
