// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>In one line, who owns some bytes.</summary>
internal static class OwnerText
{
    public static string Of(Impact owner)
    {
        string structure = owner.Structure is null ? "" : $", {owner.Structure}";
        if (owner.Inode is not { } inode) return Words.Of(owner.Owner) + structure;
        string place = owner.FileOffset is { } offset ? $" at {offset}" : "";
        string fork = owner.Fork == ForkKind.Attribute ? "attribute" : "data";
        string state = (owner.Unwritten ? ", unwritten" : "") + (owner.Shared ? ", shared" : "");
        string names = owner.Paths.Count == 0 ? "" : $": {string.Join(", ", owner.Paths.Select(VisibleText.Of))}";
        return $"inode {inode}, {fork} fork{place}{structure}{state}{names}";
    }
}
