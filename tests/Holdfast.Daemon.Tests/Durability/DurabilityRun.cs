// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Core.Ledger;
using Holdfast.Failures;
using Holdfast.Testing;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>
/// The real daemon over a ledger on a disk of its own, under load, that dies again and again. What it promised is
/// checked at the end: nothing accepted is lost or undelivered, no effect has happened twice.
/// </summary>
internal sealed class DurabilityRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Scratch _scratch = new("durability");
    private readonly string _config;
    private readonly string _socket;
    private readonly string _effects;
    private DaemonProcess? _daemon;

    internal DurabilityRun(int seed)
    {
        Seed = seed;
        Random = new Random(seed);
        Disk = new(_scratch);
        _config = _scratch.PathOf("holdfast.json");
        _socket = Path.Combine(_scratch.PathOf("run"), "s");
        _effects = _scratch.PathOf("effects");
        Device = _scratch.SparseFile("device.img", 1L << 42);
        Clients = new(_socket, Device, seed);
        File.WriteAllText(_config, $$"""
            {
                "ledger": { "path": "{{LedgerPath}}" },
                "spool": { "path": "{{_scratch.PathOf("spool")}}" },
                "socket": { "path": "{{_socket}}", "group": "root" },
                "mounts": { "hold": false },
                "kernel": { "listen": false },
                "parties": [{ "name": "{{EffectLines.Party}}" }],
                "rules": [{
                    "name": "append", "when": { "party": "{{EffectLines.Party}}" },
                    "do": { "command": ["/bin/sh", "-c", "{{EffectLines.CommandFor(_effects)}}"], "user": "root" }
                }]
            }
            """);
        File.SetUnixFileMode(_config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    internal int Seed { get; }

    internal Random Random { get; }

    internal LedgerDisk Disk { get; }

    internal ReportingClients Clients { get; }

    internal DaemonProcess Daemon => _daemon ?? throw new InvalidOperationException("no daemon was started");

    internal string Socket => _socket;

    internal string Config => _config;

    /// <summary>What is reported of.</summary>
    internal string Device { get; }

    private string LedgerPath => Path.Combine(Disk.Point, "ledger.db");

    internal async Task StartAsync() => _daemon = await DaemonProcess.StartAsync(_config, _socket);

    /// <summary>SIGKILL, if it lives.</summary>
    internal void Kill()
    {
        _daemon?.Dispose();
        _daemon = null;
    }

    /// <summary>Some load, then death, then life, as often as told.</summary>
    internal async Task DieAsync(int times, Func<Task> die)
    {
        await StartAsync();
        await using ListeningSubscriber subscriber = await ListeningSubscriber.StartAsync(_socket);
        Clients.Start();
        for (int i = 0; i < times; i++)
        {
            await Clients.AcceptMoreAsync(Random.Next(1, 150));
            await die();
            await StartAsync();
        }

        await Clients.AcceptMoreAsync(50);
        await Clients.StopAsync();
        await CheckAsync(subscriber);
    }

    public async ValueTask DisposeAsync()
    {
        await Clients.DisposeAsync();
        Kill();
        Disk.Dispose();
        _scratch.Dispose();
    }

    private async Task CheckAsync(ListeningSubscriber subscriber)
    {
        string told = string.Create(CultureInfo.InvariantCulture, $"seed {Seed}");
        ByteRangeSet accepted = ByteRangeSet.From(Clients.Accepted());
        ByteRangeSet known = await LedgerAsync();
        Assert.True(
            known.SequenceEqual(accepted),
            $"C1: of what was accepted the ledger lacks {accepted.Except(known).Count} ranges, and has "
                + $"{known.Except(accepted).Count} others; {told}");
        ByteRangeSet unheard = await subscriber.MissingAsync(accepted, Patience);
        Assert.True(unheard.Count == 0, $"C1: accepted, and never delivered: {unheard.Count} ranges; {told}");
        NoticeJson[] heard = subscriber.Heard();
        for (int i = 1; i < heard.Length; i++)
        {
            Assert.True(heard[i].Seq == heard[i - 1].Seq + 1, $"C8: {heard[i].Seq} after {heard[i - 1].Seq}; {told}");
        }

        StatusJson status = await SettledAsync();
        Dictionary<string, long> sequenceOfKey = EffectLines.SequenceOfKey(heard);
        List<long> effects = EffectLines.SequencesOf(_effects, sequenceOfKey);
        long[] twice = [.. effects.GroupBy(at => at).Where(at => at.Count() > 1).Select(at => at.Key)];
        Assert.True(twice.Length == 0, $"C7: happened twice: {string.Join(' ', twice.Take(20))}; {told}");
        Assert.NotEmpty(effects);
        // What has not happened is of unknown outcome, in sight: never silently left out, never said to be done.
        int without = sequenceOfKey.Values.Except(effects).Count();
        Assert.True(
            status.UnknownDeliveries >= without,
            $"C7: {without} without effect, {status.UnknownDeliveries} unknown; {told}");
        Assert.Equal(0, status.DeadDeliveries);
        Kill();
        Assert.Empty(LedgerFile.Check(LedgerPath));
    }

    /// <summary>All failures, page by page: their bytes.</summary>
    private async Task<ByteRangeSet> LedgerAsync()
    {
        using var client = new DaemonClient(_socket);
        var ranges = new List<ByteRange>();
        for (Guid? after = Guid.Empty; after is not null;)
        {
            FailurePageJson page = await client.ListFailuresAsync("all", after: after, limit: Defaults.PageMax);
            ranges.AddRange(page.Items.Select(item => new ByteRange(item.Offset, item.Length)));
            after = page.Next;
        }

        return ByteRangeSet.From(ranges);
    }

    /// <summary>Waits until nothing is pending for the commands.</summary>
    private async Task<StatusJson> SettledAsync()
    {
        using var client = new DaemonClient(_socket);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            StatusJson status = await client.StatusAsync();
            PartyListJson parties = await client.ListPartiesAsync();
            bool isDone = status.PendingDeliveries == 0
                && parties.Items.Single(party => party.Name == EffectLines.Party).Behind == 0;
            if (isDone) return status;
            if (waited.Elapsed > Patience) throw new TimeoutException($"{status.PendingDeliveries} are still pending");
            await Task.Delay(50);
        }
    }
}
