// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;

namespace Holdfast.Core.Configuration;

/// <summary>Reads those of a rule's "do" that act on processes, pages or filesystems by themselves (C14).</summary>
internal static class ActionReader
{
    /// <summary>As keys of an object.</summary>
    internal static string[] Names { get; } = ["signal", "offline_page"];

    /// <summary>As a word of its own.</summary>
    internal const string Kernel = "kernel";

    /// <param name="name">One of <see cref="Names"/>, which is there.</param>
    internal static Rule Read(string name, NodeReader at, Rule rule) =>
        name == "signal" ? SignalOf(at, rule) : OfflinePageOf(at, rule);

    /// <summary>What a mistaken word should have been; null where it is none of these.</summary>
    internal static string? ExampleOf(string word) => word switch
    {
        "signal" => "{\"signal\": \"SIGBUS\"}",
        "offline_page" or "offline-page" => "{\"offline_page\": true}",
        _ => null,
    };

    internal static Rule OfWord(string word, Rule rule) => rule with { Policy = word, Acts = word == Kernel };

    private static Rule SignalOf(NodeReader at, Rule rule) => rule with
    {
        Policy = "signal",
        Signal = at.OneOf("signal", SignalNames.All) ?? rule.Signal,
        Acts = true,
    };

    private static Rule OfflinePageOf(NodeReader at, Rule rule)
    {
        if (!at.Flag("offline_page", true)) at.Fault(at.At("offline_page")!, "offline_page can only be true");
        return rule with { Policy = "offline-page", Acts = true };
    }
}
