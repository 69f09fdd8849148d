// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>What a range turned out to be.</summary>
/// <param name="Impacts">JSON: an array of impacts as in holdfast.report/1.</param>
/// <param name="IsComplete">False where the answer rests on less than it should (C12).</param>
/// <param name="Gap">Why not complete, in words; null where it is.</param>
public sealed record ResolvedRange(ReadOnlyMemory<byte> Impacts, bool IsComplete, string? Gap);

/// <summary>
/// Says what ranges of a filesystem are. It exists only for a filesystem whose log is recovered: whoever has none
/// cannot ask too early (C3).
/// </summary>
public interface IRangeResolver : IAsyncDisposable
{
    /// <param name="ranges">Of one device of the filesystem, in bytes of that device.</param>
    /// <param name="knownBad">All known bad bytes of the device: no answer may rest on them (C12).</param>
    /// <returns>One answer a range, in order.</returns>
    Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
        long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken);

    /// <summary>
    /// The same where it is a matter of a moment and what else is bad does not matter; nothing is kept open for it.
    /// Null where it is not: then it is asked the other way.
    /// </summary>
    Task<IReadOnlyList<ResolvedRange>?> ResolveAtOnceAsync(
        long device, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ResolvedRange>?>(null);
}

/// <summary>
/// Opens a filesystem whose holder says that its log is recovered. Core knows no filesystem: this is handed to it.
/// </summary>
public interface IResolverSource
{
    /// <summary>Null where nobody can say anything: notices then go out without impacts, and say so.</summary>
    Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken);
}
