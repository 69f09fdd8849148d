// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Bench.Notifier;

/// <summary>What `holdfast-bench notifier` was asked for.</summary>
internal sealed record NotifierOptions
{
    public required string Daemon { get; init; }

    public required string Command { get; init; }

    /// <summary>On the disk that is measured; emptied first.</summary>
    public required string Folder { get; init; }

    /// <summary>Of each load.</summary>
    public int Seconds { get; init; } = 10;

    /// <summary>In the ledger whose first page is asked for.</summary>
    public int Failures { get; init; } = 1_000_000;

    /// <summary>After the last report, before memory is looked at.</summary>
    public int RestSeconds { get; init; } = 60;

    /// <exception cref="ArgumentException">An option that is not known, or without its value.</exception>
    internal static NotifierOptions Parse(string[] arguments)
    {
        var values = new Dictionary<string, string>();
        for (int i = 0; i + 1 < arguments.Length; i += 2) values[arguments[i]] = arguments[i + 1];
        int Number(string name, int otherwise) =>
            values.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        return new()
        {
            Daemon = values["--daemon"],
            Command = values["--command"],
            Folder = values["--folder"],
            Seconds = Number("--seconds", 10),
            Failures = Number("--failures", 1_000_000),
            RestSeconds = Number("--rest", 60),
        };
    }
}
