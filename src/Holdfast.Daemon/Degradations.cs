// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Holdfast.Daemon;

/// <summary>What does not work as it should, in words, each under the check that found it.</summary>
internal sealed class Degradations
{
    private readonly ConcurrentDictionary<string, string> _known = new();

    internal IReadOnlyList<string> All => [.. _known.OrderBy(at => at.Key).Select(at => at.Value)];

    /// <returns>Whether that is news.</returns>
    internal bool Set(string check, string? what)
    {
        if (what is null) return _known.TryRemove(check, out _);
        bool isNews = !_known.TryGetValue(check, out string? known) || known != what;
        _known[check] = what;
        return isNews;
    }
}
