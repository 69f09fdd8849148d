// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// What Polly cannot know of when to try again: that somebody asked for patience, or a former run tried.
/// </summary>
internal static class RetryDelay
{
    /// <param name="before">Attempts of former runs.</param>
    /// <param name="attempt">Of this run, from 0.</param>
    /// <param name="asked">As the receiver asks; null where it did not.</param>
    /// <returns>Null: as Polly has it.</returns>
    internal static TimeSpan? Of(
        PushOptions options, LockedRandom random, int before, int attempt, TimeSpan? asked)
    {
        if (before == 0 && asked is null) return null;
        // A restart is no reason to begin anew with short waits, and no more is somebody who always asks for a second.
        double grown = options.RetryFirst.TotalSeconds * Math.Pow(2, Math.Min(before + attempt, 30));
        double jittered = Math.Min(grown, options.RetryMax.TotalSeconds) * (0.75 + (0.5 * random.NextDouble()));
        return Least(Most(asked ?? TimeSpan.Zero, TimeSpan.FromSeconds(jittered)), options.RetryMax);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Most(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
