// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Holdfast.Contract;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>
/// A program's own subscription: it registers itself as a party, hears of failures of its files, and goes on where it
/// stopped after a restart of either side. Nothing is lost between two connections: the daemon keeps the place that was
/// acknowledged. What was not is told again after a restart: dealing with it twice must do no harm.
/// </summary>
/// <param name="client">Stays the caller's, who disposes it.</param>
/// <param name="party">The party's name: the same at each start, so that it goes on where it was.</param>
/// <param name="filter">What it wants to hear of.</param>
public sealed class NoticeSubscription(DaemonClient client, string party, FilterJson filter)
{
    private static readonly TimeSpan WaitFirst = TimeSpan.FromMilliseconds(100);
    private readonly LossReader _losses = new(filter);
    private readonly Lock _lock = new();
    private long? _last;
    private long _settled;
    private long _acknowledged;

    /// <summary>The longest pause between two tries to reach the daemon.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so many days without a word from this party the daemon gives it up; null: never.</summary>
    public int? ExpireDays { get; init; }

    /// <summary>Where to begin; null: behind what was acknowledged.</summary>
    public long? After
    {
        init => _last = value;
    }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For failures that hit a file, or any file under a folder.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static NoticeSubscription ForPath(DaemonClient client, string party, string path) =>
        new(client, party, FilePlace.Of(path).Filter);

    /// <summary>For failures that hit a file this program has open, whatever it is called.</summary>
    /// <exception cref="IOException">It has no name any more.</exception>
    public static NoticeSubscription ForFile(DaemonClient client, string party, SafeFileHandle file) =>
        new(client, party, FilePlace.Of(file).Filter);

    /// <summary>
    /// All notices that the filter lets through, one after the other; reconnects by itself until cancelled.
    /// </summary>
    /// <exception cref="DaemonException">
    /// Refused for good; "trimmed": notices that this party had not acknowledged are not kept any more. Then everything
    /// must be checked, and <see cref="ForgetAsync"/> lets it begin anew.
    /// </exception>
    public async IAsyncEnumerable<NoticeJson> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        TimeSpan wait = WaitFirst;
        while (true)
        {
            long began = Time.GetTimestamp();
            await using (IAsyncEnumerator<NoticeJson> stream =
                ConnectAsync(cancellationToken).GetAsyncEnumerator(cancellationToken))
            {
                while (await HasNextAsync(stream, cancellationToken))
                {
                    wait = WaitFirst;
                    yield return stream.Current;
                    // Not before it was dealt with: who stops in between hears it again.
                    if (stream.Current.Seq is { } place) lock (_lock) _last = place;
                }
            }

            // A connection that held for long is no sign of a daemon in trouble.
            if (Time.GetElapsedTime(began) > WaitMax) wait = WaitFirst;
            // Not all who lost the daemon at once come back at once.
            await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), Time, cancellationToken);
            wait = wait * 2 < WaitMax ? wait * 2 : WaitMax;
        }
    }

    /// <summary>
    /// The bytes of files that notices are about: what a database wants to know. A notice that hits none of them is
    /// acknowledged by itself; one that does must be when all of its ranges are dealt with.
    /// </summary>
    public async IAsyncEnumerable<LostBytes> ReadLostBytesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (NoticeJson notice in ReadAllAsync(cancellationToken))
        {
            bool isNone = true;
            foreach (LostBytes lost in LostBytesOf(notice))
            {
                isNone = false;
                yield return lost;
            }

            if (isNone && IsAllSettledBefore()) await AcknowledgeAsync(notice, cancellationToken);
        }
    }

    /// <summary>What a notice means to the files that the filter names.</summary>
    public IEnumerable<LostBytes> LostBytesOf(NoticeJson notice) => _losses.Read(notice);

    /// <summary>Everything up to this notice is dealt with: it will not come again after a restart.</summary>
    /// <returns>False where the daemon is away: it is told as soon as it is back.</returns>
    /// <exception cref="DaemonException">Refused.</exception>
    public async Task<bool> AcknowledgeAsync(NoticeJson notice, CancellationToken cancellationToken = default)
    {
        if (notice.Seq is not { } place) return true;
        lock (_lock) _settled = Math.Max(_settled, place);
        try
        {
            await TellSettledAsync(cancellationToken);
            return true;
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            return false;
        }
    }

    /// <summary>The party is no more; reading again registers a new one, which begins with what comes then.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken = default)
    {
        await client.RemovePartyAsync(party, cancellationToken);
        lock (_lock) (_last, _settled, _acknowledged) = (null, 0, 0);
    }

    /// <summary>An acknowledgement reaches back over everything before: that must have had its own.</summary>
    private bool IsAllSettledBefore()
    {
        lock (_lock) return _last is null || _settled >= _last;
    }

    private async Task TellSettledAsync(CancellationToken cancellationToken)
    {
        long settled;
        lock (_lock)
        {
            settled = _settled;
            if (settled <= _acknowledged) return;
        }

        await client.AcknowledgeAsync(party, settled, cancellationToken);
        lock (_lock) _acknowledged = Math.Max(_acknowledged, settled);
    }

    private static async Task<bool> HasNextAsync(
        IAsyncEnumerator<NoticeJson> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNextAsync();
        }
        catch (Exception fault) when (IsPassing(fault) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async IAsyncEnumerable<NoticeJson> ConnectAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new PartyRequest { Filter = filter, ExpireDays = ExpireDays };
        await client.PutPartyAsync(party, request, cancellationToken);
        await TellSettledAsync(cancellationToken);
        await foreach (NoticeJson notice in client.StreamAsync(party, _last, cancellationToken)) yield return notice;
    }

    /// <summary>What another try may mend.</summary>
    private static bool IsPassing(Exception fault) => fault is DaemonUnreachableException or IOException
        or HttpRequestException or DaemonException { Status: >= 500 or 429 };
}
