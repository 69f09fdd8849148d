// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core;

/// <summary>
/// The notifier whole: reports come in and are made durable, find their holder, wait if it is not ready, are published
/// when it is, and every party's outcome is on record. Everything lasting is in the ledger: a notifier that is started
/// on it again goes on where the last one stopped, however that ended.
/// </summary>
public sealed partial class Notifier : IReportIntake, IAsyncDisposable
{
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly FeedListeners _listeners = new();
    private readonly SpoolDrain _drain;
    private readonly NotifierOptions _options;
    private readonly Publisher _publisher;
    private readonly AtOnce _atOnce;
    private readonly PushEngine _push;
    private readonly Reconciler _reconciler;
    private readonly FailureActions _actions;
    private readonly HolderRegistry _holders;
    private readonly List<SupervisedProducer> _producers = [];
    private Task _running = Task.CompletedTask;

    private Notifier(NotifierOptions options, FailureLedger ledger, string run)
    {
        _options = options;
        Ledger = ledger;
        Spool = new(options.SpoolBytesMax);
        // Each user of chance has its own, so that none needs a lock: ids are given out by the ledger's writer.
        var ids = new FailureIds(options.Time, new Random(options.Random.Next()));
        _reconciler = new(ids);
        _actions = new(ids);
        _holders = new(ids);
        _publisher = new(ledger, options.Resolvers, options.Time, options.Publisher, _listeners);
        _atOnce = new(options.Resolvers, options.Time, options.Publisher);
        var services = new PushLaneServices(
            options.Time, new LockedRandom(options.Random.Next()), options.Push, options.Rules,
            options.Policies.ToDictionary(policy => policy.Name), run, options.Host);
        _push = new(ledger, services, _listeners);
        _drain = new(Spool, options.Time, ReportAsync, item =>
        {
            Undurable?.Invoke(item);
            _push.TellUndurable(item);
        });
    }

    /// <summary>What could not be written down, as it comes (C1): told to whoever listens now.</summary>
    public event Action<FeedItem>? Undurable;

    public FailureLedger Ledger { get; }

    public ReportSpool Spool { get; }

    public RuleSet Rules => _options.Rules;

    public IReadOnlyList<IPolicy> Policies => _options.Policies;

    public string Host => _options.Host;

    /// <summary>How those do that report by themselves.</summary>
    public IReadOnlyList<ProducerState> Producers
    {
        get { lock (_producers) return [.. _producers.Select(producer => producer.State)]; }
    }

    /// <summary>Ends when something new is in the feed; taken before the feed is read, nothing is missed.</summary>
    public Task<FeedNews?> NextNotice => NextTurn.News;

    /// <inheritdoc cref="NextNotice"/>
    public FeedTurn NextTurn => _listeners.Next;

    /// <exception cref="LedgerFormatException">Not a ledger, newer than this program, or damaged.</exception>
    /// <exception cref="LedgerUnavailableException">It cannot be read or written now.</exception>
    public static async Task<Notifier> StartAsync(NotifierOptions options, CancellationToken cancellationToken)
    {
        FailureLedger ledger = options.OpenLedger();
        try
        {
            var ids = new FailureIds(options.Time, options.Random);
            string run = ids.Next().ToString();
            await ledger.WriteAsync(session => HostRows.Ensure(session, ids, options.Host), cancellationToken);
            var notifier = new Notifier(options, ledger, run);
            await notifier._push.PrepareAsync(options.Parties, cancellationToken);
            CancellationToken stop = notifier._stop.Token;
            notifier._running = Task.WhenAll(
                notifier._publisher.RunAsync(stop), notifier._push.RunAsync(stop), notifier._drain.RunAsync(stop),
                notifier.TendAsync(stop));
            return notifier;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a producer, supervised, until the notifier ends.</summary>
    public void Start(IProducer producer)
    {
        var supervised = new SupervisedProducer(
            producer, this, _options.Time, new LockedRandom(_options.Random.Next()));
        lock (_producers)
        {
            _producers.Add(supervised);
            _running = Task.WhenAll(_running, supervised.RunAsync(_stop.Token));
        }
    }

    public Task<FailurePage> ListAsync(FailureQuery query, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => FailureQueries.Page(session, query), cancellationToken);

    /// <summary>
    /// Null where there is no such failure. One that is open is resolved again first, where its filesystem can be asked
    /// and answers soon (C12).
    /// </summary>
    public async Task<FailureDetail?> ShowAsync(Guid id, CancellationToken cancellationToken)
    {
        FailureDetail? known = await Ledger.ReadAsync(session => FailureQueries.Detail(session, id), cancellationToken);
        if (known?.View.Failure is not { IsOpen: true }) return known;
        foreach (long instance in known.Instances) await _publisher.AskAgainAsync(instance, id);
        return await Ledger.ReadAsync(session => FailureQueries.Detail(session, id), cancellationToken);
    }

    /// <summary>The ledger's number of a device by identity, else by name; null where it was never heard of.</summary>
    public Task<long?> FindDeviceAsync(string identityOrName, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => DeviceRows.NumberOf(session, identityOrName), cancellationToken);

    /// <summary>A device by its number, as it was last heard of; null where there is none.</summary>
    public Task<DeviceIdentity?> DeviceAsync(long number, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => DeviceRows.Find(session, number), cancellationToken);

    /// <summary>Devices that were ever heard of, by identity, after one.</summary>
    public Task<IReadOnlyList<DeviceView>> DevicesAsync(string after, int limit, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => DeviceQueries.Page(session, after, limit), cancellationToken);

    /// <exception cref="FailureNotFoundException">No such failure, or it is part of another one, or
    /// settled.</exception>
    public async Task<FailureRevision> ConfirmAsync(
        Guid id, string by, string? note, CancellationToken cancellationToken)
    {
        FailureRevision after = await Ledger.WriteAsync(
            session => _actions.Confirm(session, id, by, note), cancellationToken);
        Changed();
        return after;
    }

    /// <inheritdoc cref="ConfirmAsync"/>
    public async Task<FailureRevision> ClearAsync(
        Guid id, ContentState how, string by, string? note, CancellationToken cancellationToken)
    {
        FailureRevision after = await Ledger.WriteAsync(
            session => _actions.Clear(session, id, how, by, note), cancellationToken);
        Changed();
        return after;
    }

    /// <inheritdoc cref="ConfirmAsync"/>
    public Task<FailureRevision> AcknowledgeAsync(
        Guid id, string owner, string? note, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(session => _actions.Acknowledge(session, id, owner, note), cancellationToken);

    /// <exception cref="HolderRefusedException">Nothing has changed.</exception>
    public async Task<Holder> PutHolderAsync(HolderClaim claim, CancellationToken cancellationToken)
    {
        Holder holder = await Ledger.WriteAsync(
            session =>
            {
                Holder put = _holders.Put(session, claim);
                _atOnce.Prepare(session, put);
                return put;
            },
            cancellationToken);
        Changed();
        return holder;
    }

    /// <exception cref="HolderRefusedException">The epoch is over.</exception>
    public async Task ReleaseHolderAsync(string name, long? epoch, CancellationToken cancellationToken)
    {
        await DoAsync(session => HolderRegistry.Release(session, name, epoch), cancellationToken);
        Changed();
    }

    public Task<IReadOnlyList<HolderView>> HoldersAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(HolderQueries.All, cancellationToken);

    /// <summary>An administrator's word on a candidate: moved here, or a copy (C6).</summary>
    /// <exception cref="HolderRefusedException">It is no candidate.</exception>
    public async Task JudgeInstanceAsync(long candidate, bool isMoved, string by, CancellationToken cancellationToken)
    {
        await DoAsync(
            session =>
            {
                if (isMoved) _holders.Moved(session, candidate, by);
                else HolderRegistry.Copied(session, candidate);
            },
            cancellationToken);
        Changed();
    }

    public Task<Party> PutPartyAsync(
        string name, PartyFilter filter, int? expireDays, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(
            session => Parties.Put(session, name, PartyKind.Subscriber, filter, expireDays), cancellationToken);

    public Task<bool> RemovePartyAsync(string name, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(session => Parties.Remove(session, name), cancellationToken);

    public Task<Party?> FindPartyAsync(string name, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => Parties.Find(session, name), cancellationToken);

    public Task<IReadOnlyList<PartyView>> PartiesAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(PartyQueries.All, cancellationToken);

    /// <summary>A page of the feed as a party hears it.</summary>
    /// <exception cref="TrimmedException">Something in between is not kept any more.</exception>
    public Task<FeedPage> FeedAsync(Party party, long after, int limit, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => Feed.Page(session, after, party.Filter, limit), cancellationToken);

    /// <summary>A page of a holder's own feed, by number; null where nobody holds anything under the name.</summary>
    public Task<FeedPage?> HolderFeedAsync(
        string holder, long? after, int limit, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(
            session => HolderRows.Find(session, holder) is { } at
                ? Feed.HolderPage(
                    session, at, after ?? (
                        at.Instance is { } instance ? Feed.HolderCursor(session, instance) : 0), limit)
                : null,
            cancellationToken);

    /// <returns>False where there is no such party.</returns>
    public Task<bool> AcknowledgeNoticesAsync(string party, long through, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(session => Parties.Acknowledge(session, party, through), cancellationToken);

    /// <returns>False where nobody holds anything under the name, or was told of no such notice.</returns>
    public Task<bool> AcknowledgeAsHolderAsync(string holder, long through, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(
            session => HolderRows.Find(session, holder) is { Instance: { } instance }
                && Feed.AcknowledgeHolder(session, instance, through),
            cancellationToken);

    /// <summary>Dead deliveries are tried again, and on demand those of unknown outcome.</summary>
    public async Task<long> ReplayAsync(
        string? party, Guid? failure, bool isUnknownToo, CancellationToken cancellationToken)
    {
        long requeued = await Ledger.WriteAsync(
            session => DeliveryRows.Requeue(session, party, failure, isUnknownToo), cancellationToken);
        _push.Wake();
        return requeued;
    }

    public Task DisarmAsync(bool disarmed, string by, string? note, CancellationToken cancellationToken) =>
        DoAsync(session => Disarm.Set(session, disarmed, by, note), cancellationToken);

    public Task PutSilenceAsync(Silence silence, CancellationToken cancellationToken) =>
        DoAsync(session => Silences.Put(session, silence), cancellationToken);

    public Task<bool> RemoveSilenceAsync(string name, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(session => Silences.Remove(session, name), cancellationToken);

    public Task<IReadOnlyList<Silence>> SilencesAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => (IReadOnlyList<Silence>)Silences.InForce(session), cancellationToken);

    /// <summary>What stands between notices and their effects now.</summary>
    public Task<DeliveryGates> GatesAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(DeliveryGates.Now, cancellationToken);

    /// <summary>Ends when the ledger's reader has answered; throws where it does not.</summary>
    public Task AnswerAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(Feed.LastSequence, cancellationToken);

    public Task<NotifierStatus> StatusAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(StatusQueries.Status, cancellationToken);

    /// <summary>Lets go as a process that dies does.</summary>
    internal void Abandon() => Ledger.Abandon();

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        try
        {
            await _running.WaitAsync(StopTimeMax, _options.Time);
        }
        catch (Exception end) when (end is OperationCanceledException or TimeoutException)
        {
            // That is how they end; who is deaf to being stopped is left to itself.
        }

        await Ledger.DisposeAsync();
        await _atOnce.DisposeAsync();
        _stop.Dispose();
    }

    private Task<bool> DoAsync(Action<LedgerSession> work, CancellationToken cancellationToken) =>
        Ledger.WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    private void Changed()
    {
        _publisher.Wake();
        _listeners.Wake();
    }

    /// <summary>What time alone changes: leases and parties end.</summary>
    private async Task TendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_options.TendEvery, _options.Time, cancellationToken);
            try
            {
                if (!await Ledger.ReadAsync(StatusQueries.IsAnythingOver, cancellationToken)) continue;
                await Ledger.WriteAsync(
                    session => (HolderRegistry.ExpireLeases(session).Count, Parties.Expire(session).Count),
                    cancellationToken);
                Changed();
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The ledger says itself what is wrong with it; the next round tries again.
            }
        }
    }
}
