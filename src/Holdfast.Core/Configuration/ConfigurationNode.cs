// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Configuration;

internal enum NodeKind
{
    Object,
    Array,
    Text,
    Number,
    Flag,
    Null,
}

/// <summary>A value of the file and where it stands.</summary>
internal sealed class ConfigurationNode(NodeKind kind, int line, int column)
{
    internal NodeKind Kind { get; } = kind;

    internal int Line { get; } = line;

    internal int Column { get; } = column;

    internal string Text { get; init; } = "";

    internal decimal Number { get; init; }

    internal bool Flag { get; init; }

    internal List<ConfigurationNode> Items { get; } = [];

    /// <summary>Members in the file's order, with the node of each name's own place.</summary>
    internal List<(string Name, ConfigurationNode NameAt, ConfigurationNode Value)> Members { get; } = [];
}
