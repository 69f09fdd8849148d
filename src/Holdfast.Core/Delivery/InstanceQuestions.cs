// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Asks one filesystem what ranges of it are. One that fails or hangs is left in peace for a while, and whoever asks
/// meanwhile is told so at once (C11).
/// </summary>
internal sealed class InstanceQuestions(IResolverSource source, TimeProvider time, PublisherOptions options)
    : IAsyncDisposable
{
    private readonly LeftBehind _left = new(options.LeftBehindMax);
    private ResolverPool? _resolvers;
    private DateTimeOffset _restUntil;
    private string? _restWhy;

    internal bool IsOpen => _resolvers is { IsOpen: true };

    private ResolverPool Resolvers => _resolvers ??= new(source, time, options.ResolveTimeMax, _left);

    /// <param name="asked">Ranges in bytes of their devices.</param>
    /// <param name="bad">Of each of these devices all bytes that are known to be bad.</param>
    /// <returns>One answer a range, in order; a null answer says why there is none.</returns>
    internal async Task<(ResolvedRange? Answer, string? Why)[]> AskAsync(
        IReadOnlyList<(long Device, ByteRange Range)> asked, Holder? holder,
        IReadOnlyDictionary<long, ByteRangeSet> bad, CancellationToken cancellationToken)
    {
        var answers = new (ResolvedRange? Answer, string? Why)[asked.Count];
        string? gap = holder is null ? "the filesystem has no holder now"
            : time.GetUtcNow() < _restUntil ? _restWhy
            : _left.IsFull ? "what the filesystem was asked before still hangs" : null;
        IRangeResolver? resolver = null;
        if (gap is null)
        {
            (resolver, gap) = await TryAsync(
                () => Resolvers.GetAsync(RecoveredHolder.From(holder!), cancellationToken), options.ResolveTimeMax * 3,
                cancellationToken);
            gap ??= resolver is null ? $"nobody can read this filesystem while it is {holder!.State}" : null;
        }

        foreach (IGrouping<long, int> device in Enumerable.Range(0, asked.Count).GroupBy(i => asked[i].Device))
        {
            int[] indexes = [.. device];
            IReadOnlyList<ResolvedRange>? found = null;
            if (resolver is not null && gap is null)
            {
                ByteRange[] ranges = [.. indexes.Select(i => asked[i].Range)];
                (found, gap) = await TryAsync(
                    () => resolver.ResolveAsync(device.Key, ranges, bad[device.Key], cancellationToken)!,
                    options.ResolveTimeMax, cancellationToken);
                if (gap is null && found?.Count != indexes.Length) (found, gap) = (null, "the answer was incomplete");
            }

            for (int i = 0; i < indexes.Length; i++) answers[indexes[i]] = (found?[i], gap);
        }

        return answers;
    }

    /// <summary>Lets go of the filesystem; the next question opens it anew, as it is then.</summary>
    internal Task CloseAsync() => _resolvers?.CloseAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>Asks with a time limit; who fails or hangs is left in peace for a while.</summary>
    private async Task<(T? Answer, string? Gap)> TryAsync<T>(
        Func<Task<T?>> ask, TimeSpan atMost, CancellationToken cancellationToken)
        where T : class
    {
        Task<T?>? asked = null;
        try
        {
            asked = ask();
            return (await asked.WaitAsync(atMost, time, cancellationToken), null);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (asked is { IsCompleted: false }) _left.Add(asked);
            _restWhy = fault is TimeoutException
                ? $"the filesystem did not answer within {options.ResolveTimeMax.TotalSeconds:0} s"
                : $"the filesystem could not be asked: {fault.Message}";
            _restUntil = time.GetUtcNow() + options.ResolveTimeMax;
            await CloseAsync();
            return (null, _restWhy);
        }
    }
}
