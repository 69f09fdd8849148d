// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Bench.Events;

/// <summary>What `holdfast-bench events` was asked for.</summary>
internal sealed record EventOptions
{
    public required string Daemon { get; init; }

    public required string Folder { get; init; }

    /// <summary>Of tracefs.</summary>
    public required string Instance { get; init; }

    /// <summary>Of a mounted XFS; reads of some pages of a file in it fail.</summary>
    public required string Device { get; init; }

    public required string File { get; init; }

    /// <summary>Pages of the file, and of the device, that cannot be read.</summary>
    public required IReadOnlyList<(long InFile, long OnDevice)> Pages { get; init; }

    /// <summary>Of which no request succeeds.</summary>
    public required string StormDevice { get; init; }

    public required int StormPerSecond { get; init; }

    public required int Seconds { get; init; }

    /// <exception cref="KeyNotFoundException">An option is missing.</exception>
    internal static EventOptions Parse(string[] arguments)
    {
        var values = new Dictionary<string, string>();
        for (int i = 0; i + 1 < arguments.Length; i += 2) values[arguments[i]] = arguments[i + 1];
        long Number(string name) => long.Parse(values[name], CultureInfo.InvariantCulture);
        // Every so many pages of a file that lies in one piece.
        long every = Number("--every");
        long first = Number("--first-page");
        return new()
        {
            Daemon = values["--daemon"],
            Folder = values["--folder"],
            Instance = values["--instance"],
            Device = values["--device"],
            File = values["--file"],
            Pages = [.. Enumerable.Range(0, (int)Number("--pages")).Select(i => (i * every, first + (i * every)))],
            StormDevice = values["--storm-device"],
            StormPerSecond = (int)Number("--storm-rate"),
            Seconds = (int)Number("--seconds"),
        };
    }
}
