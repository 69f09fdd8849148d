// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

/// <summary>A block of a filesystem made by mkfs.xfs and the kernel, and what xfs_db prints of it.</summary>
internal sealed partial class Fixture
{
    private readonly Dictionary<string, string> _about;

    private Fixture(byte[] block, string[] lines)
    {
        Block = block;
        _about = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.Contains('=', StringComparison.Ordinal))
            .ToDictionary(word => word.Split('=')[0], word => word.Split('=')[1]);
        Lines = lines[1..];
    }

    public byte[] Block { get; }

    public IReadOnlyList<string> Lines { get; }

    public bool IsV5 => _about["version"] == "V5";

    public bool HasFileTypes => _about["types"] != "0";

    /// <summary>The inode's size.</summary>
    public int Size => int.Parse(_about["size"], CultureInfo.InvariantCulture);

    public Guid Uuid => Guid.Parse(_about["uuid"]);

    public ulong Inode => ulong.Parse(_about["inode"], CultureInfo.InvariantCulture);

    public BlockIdentity Identity => IsV5
        ? new(true, new(ulong.Parse(_about["address"], CultureInfo.InvariantCulture)), Inode, Uuid)
        : new(false, default, null, default);

    public static Fixture Read(string name)
    {
        string text = Encoding.UTF8.GetString(Unpack($"{name}.txt.gz"));
        return new(Unpack($"{name}.bin.gz"), text.TrimEnd('\n').Split('\n'));
    }

    /// <summary>The inode that a short form is in.</summary>
    public Inode OpenInode()
    {
        BlockFault fault = Holdfast.Xfs.OnDisk.Inode.TryOpen(Block, new(Inode), IsV5, Uuid, out Inode inode);
        Assert.True(fault.IsNone, fault.ToString());
        return inode;
    }

    /// <summary>"hdr.count = 3" by its name.</summary>
    public string Value(string name)
    {
        string prefix = name + " = ";
        string line = Lines.Single(line => line.StartsWith(prefix, StringComparison.Ordinal));
        return line[prefix.Length..];
    }

    /// <summary>What stands before the field's name in the first line that has it.</summary>
    public string Prefix(string field)
    {
        string line = Lines.First(line => line.Contains(field, StringComparison.Ordinal));
        return line[..line.IndexOf(field, StringComparison.Ordinal)];
    }

    /// <summary>The elements of an array printed one field a line: "du[2].namelen = 9", for array "du".</summary>
    public List<Dictionary<string, string>> Elements(string array)
    {
        var elements = new List<Dictionary<string, string>>();
        foreach (string line in Lines)
        {
            Match match = ElementLine().Match(line);
            if (!match.Success || match.Groups["array"].Value != array) continue;
            int index = int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture);
            if (index == elements.Count) elements.Add([]);
            elements[index].Add(match.Groups["field"].Value, match.Groups["value"].Value);
        }

        return elements;
    }

    /// <summary>The elements of an array printed as "0:[0x2e,8388609]".</summary>
    public List<string[]> Tuples(string array)
    {
        int from = Lines.ToList().FindIndex(line => line.StartsWith($"{array}[", StringComparison.Ordinal));
        IEnumerable<string> own = Lines.Skip(from + 1).TakeWhile(line => TupleLine().IsMatch(line));
        return [.. own.Select(line => TupleLine().Match(line).Groups["values"].Value.Split(','))];
    }

    /// <summary>The elements of an array printed on one line as "0:0x20 7:0xf00"; zeros may be left out.</summary>
    public List<ushort> Run(string array, int count)
    {
        string line = Lines.Single(line => line.StartsWith($"{array}[", StringComparison.Ordinal));
        var values = new List<ushort>();
        foreach (Match match in RunItem().Matches(line))
        {
            int index = int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture);
            while (values.Count < index) values.Add(0);
            values.Add((ushort)Number(match.Groups["value"].Value));
        }

        while (values.Count < count) values.Add(0);
        return values;
    }

    public static ulong Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : ulong.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A quoted text, in which bytes that are not printable are octal.</summary>
    public static byte[] Text(string quoted)
    {
        var bytes = new List<byte>();
        for (int at = 1; at < quoted.Length - 1; at++)
        {
            if (quoted[at] != '\\')
            {
                bytes.Add((byte)quoted[at]);
            }
            else if (char.IsAsciiDigit(quoted[at + 1]))
            {
                bytes.Add((byte)Convert.ToInt32(quoted.Substring(at + 1, 3), 8));
                at += 3;
            }
            else
            {
                bytes.Add((byte)quoted[++at]);
            }
        }

        return [.. bytes];
    }

    private static byte[] Unpack(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "OnDisk", "Fixtures", file);
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    [GeneratedRegex(@"^(?<array>[\w.]+)\[(?<index>\d+)\]\.(?<field>[\w.]+) = (?<value>.*)$")]
    private static partial Regex ElementLine();

    [GeneratedRegex(@"^\d+:\[(?<values>[^\]]*)\]")]
    private static partial Regex TupleLine();

    [GeneratedRegex(@"(?<index>\d+):(?<value>\w+)")]
    private static partial Regex RunItem();
}
