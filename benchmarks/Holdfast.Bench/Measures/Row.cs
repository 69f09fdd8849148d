// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Bench.Measures;

/// <summary>One line of the table: one question on one image, asked of us and of the peer.</summary>
/// <param name="Goal">What ours should reach, in words; null where nothing was promised.</param>
/// <param name="Met">Null where there is no goal.</param>
internal sealed record Row(
    string Image, string Question, string Cache, Timing? Ours, string? PeerName, Timing? Peer, string? Goal, bool? Met)
{
    /// <summary>How often the peer's best run holds ours: above 1 we are faster.</summary>
    public double? TimesFaster => Ours is null || Peer is null ? null : Peer.Least / Ours.Least;

    /// <summary>The other way round, where the peer cannot be beaten: reading without looking.</summary>
    public double? TimesSlower => 1 / TimesFaster;

    public double? TimesLessMemory =>
        Ours is { PeakBytes: > 0 } && Peer is { PeakBytes: > 0 } ? (double)Peer.PeakBytes / Ours.PeakBytes : null;
}
