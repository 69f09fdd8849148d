// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Lists;

namespace Holdfast.Cli.Input;

/// <summary>The bad ranges that were given, in bytes of the target, and what was said about them.</summary>
internal sealed record GivenRanges
{
    public required BadRanges Bad { get; init; }

    public required IReadOnlyList<Mapfile> Mapfiles { get; init; }

    public required IReadOnlyList<RangeSource> Sources { get; init; }

    public required IReadOnlyList<string> Gaps { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What must not be read: the bad ranges, and whatever a mapfile does not call rescued.</summary>
    /// <param name="length">Bytes of the target.</param>
    public ByteRangeSet Distrusted(long length)
    {
        ByteRangeSet all = Bad.All;
        foreach (Mapfile mapfile in Mapfiles) all = all.Union(mapfile.NotRescued(length));
        return all;
    }
}
