// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>The status line of a mapfile.</summary>
/// <param name="Offset">Position being tried, in bytes.</param>
/// <param name="Operation">
/// '?' copying, '*' trimming, '/' scraping, '-' retrying, 'F' filling, 'G' generating, '+' finished; NUL where the file
/// has no status line.
/// </param>
/// <param name="Pass">Pass of that operation, from 1.</param>
public readonly record struct MapfilePosition(long Offset, char Operation, long Pass)
{
    public bool IsFinished => Operation == '+';
}
