// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Core.Configuration;

/// <summary>
/// Reads the members of one object and remembers which were asked for: what is left over at the end is a name that
/// means nothing, probably mistyped.
/// </summary>
internal sealed class NodeReader
{
    private const int WordMax = 20;

    private readonly ConfigurationNode? _node;
    private readonly List<ConfigurationFault> _faults;
    private readonly string _path;
    private readonly List<string> _known = [];

    internal NodeReader(ConfigurationNode? node, string path, List<ConfigurationFault> faults)
    {
        _faults = faults;
        _path = path;
        if (node is { Kind: not NodeKind.Object })
        {
            Fault(node, $"{(path.Length == 0 ? "the configuration" : path)} must be an object");
            node = null;
        }

        _node = node;
        if (node is null) return;
        foreach (var twice in node.Members.GroupBy(member => member.Name).Where(group => group.Count() > 1))
        {
            Fault(
                twice.Last().NameAt,
                $"{Full(Shown(twice.Key))} is there twice; the first is on line {twice.First().NameAt.Line}");
        }
    }

    internal void Fault(ConfigurationNode at, string message) => _faults.Add(new(at.Line, at.Column, message));

    /// <summary>Where a member's name stands; the object itself where it is not there.</summary>
    internal ConfigurationNode? At(string name)
    {
        int index = _node?.Members.FindLastIndex(member => member.Name == name) ?? -1;
        return index < 0 ? _node : _node!.Members[index].Value;
    }

    internal ConfigurationNode? Find(string name)
    {
        _known.Add(name);
        return _node?.Members.FindLast(member => member.Name == name).Value;
    }

    internal NodeReader Object(string name) => new(Find(name), Full(name), _faults);

    internal IReadOnlyList<ConfigurationNode> Array(string name)
    {
        ConfigurationNode? node = Find(name);
        if (node is null or { Kind: NodeKind.Array }) return node?.Items ?? [];
        Fault(node, $"{Full(name)} must be an array");
        return [];
    }

    internal string? Text(string name)
    {
        ConfigurationNode? node = Find(name);
        if (node is null or { Kind: NodeKind.Text, Text.Length: > 0 }) return node?.Text;
        Fault(node, $"{Full(name)} must be a text that is not empty");
        return null;
    }

    /// <summary>A name that records and commands can carry: letters, digits, and . _ -</summary>
    internal string? Name(string name)
    {
        string? text = Text(name);
        if (text is null) return null;
        bool isName = text.Length <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        if (isName) return text;
        Fault(Find(name)!, $"{Full(name)} may have letters, digits, '.', '_' and '-', at most 64");
        return null;
    }

    internal string? AbsolutePath(string name)
    {
        string? text = Text(name);
        if (text is null || (text[0] == '/' && !text.Contains('\0'))) return text;
        Fault(Find(name)!, $"{Full(name)} must be an absolute path");
        return null;
    }

    internal string? OneOf(string name, params string[] words)
    {
        string? text = Text(name);
        if (text is null || words.Contains(text)) return text;
        Fault(
            Find(name)!,
            $"{Full(name)} is {Shown(text)}{Nearest(text, words)}; it may be {string.Join(", ", words)}");
        return null;
    }

    internal long Number(string name, long otherwise, long least, long most)
    {
        ConfigurationNode? node = Find(name);
        if (node is null) return otherwise;
        if (node.Kind == NodeKind.Number && node.Number >= least && node.Number <= most
            && node.Number == decimal.Truncate(node.Number))
        {
            return (long)node.Number;
        }

        Fault(node, string.Create(
            CultureInfo.InvariantCulture, $"{Full(name)} must be a whole number from {least} to {most}"));
        return otherwise;
    }

    internal bool Flag(string name, bool otherwise = false)
    {
        ConfigurationNode? node = Find(name);
        if (node is null or { Kind: NodeKind.Flag }) return node?.Flag ?? otherwise;
        Fault(node, $"{Full(name)} must be true or false");
        return otherwise;
    }

    internal IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (ConfigurationNode item in Array(name))
        {
            if (item is { Kind: NodeKind.Text } && !item.Text.Contains('\0')) texts.Add(item.Text);
            else Fault(item, $"{Full(name)} holds texts only");
        }

        return texts;
    }

    /// <summary>Says what was there and never asked for.</summary>
    internal void End()
    {
        foreach ((string name, ConfigurationNode at, _) in _node?.Members ?? [])
        {
            if (!_known.Contains(name)) Fault(at, $"{Full(Shown(name))} is no key{Hint(name)}");
        }
    }

    private string Full(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private string Hint(string name)
    {
        string nearest = Nearest(name, [.. _known]);
        return nearest.Length > 0 ? nearest : $"; there may be {string.Join(", ", _known.Distinct())}";
    }

    /// <summary>
    /// What stands in the file may be a secret in the wrong place, or made to deceive a terminal: only what looks like
    /// a mistyped word is repeated.
    /// </summary>
    internal static string Shown(string text) =>
        text.Length is > 0 and <= WordMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? text
            : "(a text not shown)";

    internal static string Nearest(string text, string[] words)
    {
        if (text.Length > WordMax) return "";
        string? nearest = words.Where(word => Distance(text, word) <= 2).MinBy(word => Distance(text, word));
        return nearest is null ? "" : $" (did you mean {nearest}?)";
    }

    /// <summary>Letters to add, drop or change.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
