// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// One seed: a world of disks, filesystems, producers and parties around the real notifier, in which everything goes
/// wrong that can; then all faults end, and everything that was promised must hold.
/// </summary>
internal sealed class Simulation : IDisposable
{
    private const int StepsMin = 10;
    private const int StepsMax = 60;

    private readonly SimulatedWorld _world;
    private readonly SimulatedModel _model;
    private readonly List<(int Disk, Report Report)> _untold = [];
    private readonly Func<IPolicy, IPolicy>? _wrap;
    private readonly Random _random;
    private readonly string? _lie;
    private bool _isBooting;
    private bool _hasMoved;
    private int _reports;
    private long _heard;
    private long _acknowledged = -1;
    private bool _isReading;

    /// <param name="wrap">For tests of the simulation itself: a double that breaks a promise.</param>
    /// <param name="lie">For the same: what is done to the ledger before the end.</param>
    internal Simulation(int seed, Func<IPolicy, IPolicy>? wrap = null, string? lie = null)
    {
        _lie = lie;
        _world = new(seed);
        _model = new(_world.Disks.Length);
        _random = _world.Random;
        _wrap = wrap;
    }

    internal IReadOnlyList<string> Trace => _world.Trace;

    /// <exception cref="BrokenPromiseException">One does not hold.</exception>
    internal void Run()
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_world.Scheduler);
        try
        {
            Boot();
            for (int step = 0, steps = _random.Next(StepsMin, StepsMax); step < steps; step++)
            {
                Step();
                Work(_random.Next(20));
                if (step % 8 == 7) SimulatedInvariants.Check(_world, _model, _hasMoved);
            }

            End();
            if (_lie is not null) _world.Rows(_lie, _ => 0);
            SimulatedInvariants.Check(_world, _model, _hasMoved);
            SimulatedInvariants.CheckEnd(_world, _model);
            CountEnd();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>What happened, counted: a simulation in which nothing goes wrong proves nothing.</summary>
    internal Dictionary<string, long> Counts { get; } = [];

    public void Dispose() => _world.Dispose();

    private void Count(string what, long by = 1) => Counts[what] = Counts.GetValueOrDefault(what) + by;

    private void CountEnd()
    {
        Count("notices", _world.Rows("SELECT count(*) FROM notices", row => row.GetInt64(0))[0]);
        Count("notices replayed", _world.Rows(
            "SELECT count(*) FROM notices WHERE replayed", row => row.GetInt64(0))[0]);
        Count("notices superseded", _world.Rows(
            "SELECT count(*) FROM notices WHERE state = 3", row => row.GetInt64(0))[0]);
        Count("failures merged", _world.Rows(
            "SELECT count(*) FROM failures WHERE merged_into IS NOT NULL", row => row.GetInt64(0))[0]);
        Count("failures superseded", _world.Rows(
            "SELECT count(*) FROM failures WHERE superseded", row => row.GetInt64(0))[0]);
        Count("deliveries of unknown outcome", _world.Rows(
            "SELECT count(*) FROM deliveries WHERE state = 8", row => row.GetInt64(0))[0]);
        Count("deliveries dead", _world.Rows(
            "SELECT count(*) FROM deliveries WHERE state = 7", row => row.GetInt64(0))[0]);
        Count("deliveries tried again", _world.Rows(
            "SELECT count(*) FROM deliveries WHERE attempts > 1", row => row.GetInt64(0))[0]);
        Count("effects", _world.Effects.Count);
    }

    private void Step()
    {
        if (_world.Notifier is null)
        {
            if (!_isBooting) Boot();
            Pass(TimeSpan.FromSeconds(_random.Next(5)));
            return;
        }

        switch (_random.Next(100))
        {
            case < 34: Report(); break;
            case < 56: Speak(_world.Places[_random.Next(_world.Places.Length)]); break;
            case < 64: Read(); break;
            case < 70: Hear(_world.Places[_random.Next(_world.Places.Length)]); break;
            case < 76: Act(); break;
            case < 88: Pass(TimeSpan.FromMilliseconds(_random.Next(1, 40_000))); break;
            case < 89: Pass(TimeSpan.FromMinutes(_random.Next(60))); break;
            case < 91: Jump(); break;
            case < 95: Break(); break;
            default: Kill(); break;
        }
    }

    private void Boot()
    {
        _isBooting = true;
        Go(async () =>
        {
            await _world.BootAsync(_wrap);
            _isBooting = false;
        });
    }

    private void Kill()
    {
        _world.Note("kill");
        Count("kills");
        _world.Kill();
        _isBooting = false;
        _isReading = false;
        foreach (SimulatedPlace place in _world.Places)
        {
            place.IsUncertain |= place.IsSpeaking;
            place.IsSpeaking = false;
        }

        // A subscriber that was killed with it goes on from what it acknowledged.
        if (_random.Next(2) == 0) _heard = Math.Max(0, _acknowledged);
    }

    private void Jump()
    {
        var by = TimeSpan.FromMinutes(_random.Next(-90, 90));
        _world.Note($"the clock jumps by {by}");
        _world.Time.JumpWallClock(by);
    }

    private void Break()
    {
        int fate = _random.Next(3);
        _world.Disk.IsFull = fate == 1;
        _world.Disk.FailPercent = fate == 2 ? _random.Next(1, 40) : 0;
        _world.Note(fate == 0 ? "the disk is well" : fate == 1 ? "the disk is full" : "commits fail now and then");
    }

    private void Report()
    {
        if (_untold.Count > 0 && _random.Next(2) == 0)
        {
            (int disk, Report again) = _untold[_random.Next(_untold.Count)];
            Tell(disk, again);
            return;
        }

        int where = _random.Next(_world.Disks.Length);
        ByteRangeSet ranges = ByteRangeSet.From(
            Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _world.RandomRange()));
        bool isComplete = _random.Next(10) == 0;
        var report = new Report
        {
            Key = $"r{_reports++}", Source = "simulated", Device = _world.Disks[where], Ranges = ranges,
            Basis = isComplete ? ReportBasis.List : ReportBasis.Error, IsComplete = isComplete,
            Medium = _random.Next(8) == 0 ? MediumState.Confirmed : MediumState.Suspect,
        };
        foreach (ByteRange range in ranges) _model.Allow(where, range);
        _untold.Add((where, report));
        Tell(where, report);
    }

    private void Tell(int disk, Report report) => Go(async () =>
    {
        ReportReceipt receipt = await _world.Notifier!.ReportAsync(report, CancellationToken.None);
        _world.Note($"{report.Key} accepted: {report.Device.Name} {string.Join(' ', report.Ranges)}"
            + (receipt.IsDuplicate ? ", known" : ""));
        Count(receipt.IsDuplicate ? "reports known already" : "reports accepted");
        _untold.RemoveAll(at => at.Report.Key == report.Key);
        _model.AcceptedKeys.Add(report.Key);
        foreach (ByteRange range in report.Ranges) _model.Accept(disk, range);
    });

    /// <summary>The next word of a holder: on its way up mostly, sometimes dead, late, or another one.</summary>
    private void Speak(SimulatedPlace place)
    {
        if (place.IsSpeaking) return;
        switch (_random.Next(14))
        {
            case 0:
                _world.Note($"{place.Name} is silent for ever");
                (place.LateEpoch, place.Epoch) = (place.Epoch, null);
                break;
            case 1:
                _world.Note($"{place.Name} is made anew");
                place.Uuid = $"uuid-{_random.Next()}";
                (place.LateEpoch, place.Epoch) = (place.Epoch, null);
                break;
            case 2:
                place.Uuid = _world.Places[_random.Next(_world.Places.Length)].Uuid;
                _world.Note($"{place.Name} has {place.Uuid} now");
                (place.LateEpoch, place.Epoch) = (place.Epoch, null);
                break;
            case 3 when place.Epoch is { } epoch:
                Go(async () =>
                {
                    await _world.Notifier!.ReleaseHolderAsync(place.Name, epoch, CancellationToken.None);
                    place.Epoch = null;
                });
                break;
            case 4 when place.LateEpoch is { } late && late != place.Epoch:
                SpeakLate(place, late);
                break;
            case 5:
                place.Device = place.Device with { Name = $"/dev/sd{(char)('a' + _random.Next(26))}" };
                break;
            default:
                Advance(place, _random.Next(1, 3));
                break;
        }
    }

    private void SpeakLate(SimulatedPlace place, long late) => Go(async () =>
    {
        try
        {
            await _world.Notifier!.PutHolderAsync(place.Claim(HolderState.Live, late), CancellationToken.None);
            // Nobody else has claimed it since, and its lease goes on: then it was not late.
        }
        catch (HolderRefusedException refused)
        {
            _world.Note($"{place.Name}: late word refused, {refused.Refusal}");
            Count($"late words refused: {refused.Refusal}");
        }
    });

    private void Advance(SimulatedPlace place, int by)
    {
        HolderState next = place.Epoch is null
            ? HolderState.Claimed
            : (HolderState)Math.Min((int)HolderState.Live, (int)place.State + by);
        place.IsSpeaking = true;
        Go(async () =>
        {
            bool wasUncertain = place.IsUncertain;
            place.IsUncertain = true;
            try
            {
                Holder holder = await _world.Notifier!.PutHolderAsync(
                    place.Claim(next, place.Epoch), CancellationToken.None);
                (place.Epoch, place.State, place.IsUncertain) = (holder.Epoch, holder.State, false);
                Count(wasUncertain ? "words after an uncertain one" : "words of holders");
                _world.Note($"{place.Name} is {holder.State}, epoch {holder.Epoch}, instance {holder.Instance}, "
                    + $"candidate of {holder.CandidateOf}");
                if (holder.CandidateOf is not null && _random.Next(3) == 0) Judge(holder.Instance!.Value);
            }
            catch (HolderRefusedException refused)
            {
                _world.Note($"{place.Name}: refused, {refused.Message}");
                (place.LateEpoch, place.Epoch) = (place.Epoch, null);
                Count($"refused: {refused.Refusal}");
            }
            finally
            {
                place.IsSpeaking = false;
            }
        });
    }

    private void Judge(long candidate) => Go(async () =>
    {
        bool isMoved = _random.Next(2) == 0;
        if (isMoved)
        {
            _hasMoved = true;
            for (int disk = 0; disk < _world.Disks.Length; disk++) _model.AllowAll(disk);
        }

        await _world.Notifier!.JudgeInstanceAsync(candidate, isMoved, "root", CancellationToken.None);
        _world.Note($"instance {candidate} {(isMoved ? "moved" : "copied")}");
        Count(isMoved ? "moved" : "copied");
    });

    /// <summary>
    /// A subscriber reads on from where it was, acknowledges now and then, and checks that nothing is missing.
    /// </summary>
    private void Read()
    {
        if (_isReading) return;
        _isReading = true;
        Go(async () =>
        {
            try
            {
                Party party = await _world.Notifier!.FindPartyAsync("sub", CancellationToken.None)
                    ?? await _world.Notifier.PutPartyAsync(
                        "sub", new(null, null, null, null), null, CancellationToken.None);
                if (_acknowledged < 0) _heard = _acknowledged = party.Cursor;
                FeedPage page = await _world.Notifier.FeedAsync(
                    party, _heard, _random.Next(1, 20), CancellationToken.None);
                foreach (FeedItem item in page.Items)
                {
                    if (item.Notice.Sequence != _heard + 1) throw new BrokenPromiseException(
                        $"C8: the subscriber misses {_heard + 1}");
                    _heard++;
                }

                if (_random.Next(2) != 0) return;
                long through = _heard;
                await _world.Notifier.AcknowledgeNoticesAsync("sub", through, CancellationToken.None);
                _acknowledged = Math.Max(_acknowledged, through);
            }
            finally
            {
                _isReading = false;
            }
        });
    }

    /// <summary>A holder reads its own feed: nothing while it defers (C4).</summary>
    private void Hear(SimulatedPlace place)
    {
        if (place.Epoch is null || place.IsSpeaking || place.IsUncertain) return;
        place.IsSpeaking = true;
        HolderState state = place.State;
        Go(async () =>
        {
            try
            {
                FeedPage? page = await _world.Notifier!.HolderFeedAsync(place.Name, null, 50, CancellationToken.None);
                if (page is null) return;
                if (state < HolderState.LogRecovered && page.Items.Count > 0)
                {
                    throw new BrokenPromiseException($"C4: {place.Name} heard of something while it is {state}");
                }

                if (page.Items.Count > 0 && _random.Next(2) == 0)
                {
                    await _world.Notifier.AcknowledgeAsHolderAsync(place.Name, page.Next, CancellationToken.None);
                }
            }
            finally
            {
                place.IsSpeaking = false;
            }
        });
    }

    private void Act() => Go(async () =>
    {
        var page = await _world.Notifier!.ListAsync(new(Limit: 50), CancellationToken.None);
        if (page.Items.Count == 0) return;
        Guid id = page.Items[_random.Next(page.Items.Count)].Failure.Id;
        try
        {
            switch (_random.Next(4))
            {
                case 0: await _world.Notifier.ConfirmAsync(id, "root", null, CancellationToken.None); break;
                case 1: await _world.Notifier.ClearAsync(
                    id, ContentState.Restored, "root", null, CancellationToken.None); break;
                case 2: await _world.Notifier.ClearAsync(
                    id, ContentState.Dismissed, "root", null, CancellationToken.None); break;
                default: await _world.Notifier.AcknowledgeAsync(
                    id, "anna", $"{_random.Next(3)}", CancellationToken.None); break;
            }
        }
        catch (FailureNotFoundException)
        {
            // Merged or settled meanwhile.
        }
    });

    /// <summary>All faults end; everything is told, held, live and read to the end.</summary>
    private void End()
    {
        _world.Note("the end: all faults are over");
        _world.IsFaulty = false;
        _world.Disk.IsFull = false;
        _world.Disk.FailPercent = 0;
        Kill();
        Boot();
        Work(1000);
        for (int round = 0; round < 60; round++)
        {
            foreach ((int disk, Report report) in _untold.ToArray()) Tell(disk, report);
            foreach (SimulatedPlace place in _world.Places)
            {
                if (!place.IsSpeaking) Advance(place, 1);
            }

            Read();
            // Retries come again after ten minutes at most; what hung is asked again.
            Settle(TimeSpan.FromSeconds(50));
            if (IsQuiet()) break;
        }

        if (_untold.Count > 0) throw new BrokenPromiseException("C1: a report is never accepted");
    }

    private bool IsQuiet() => _untold.Count == 0
        && _world.Places.All(place => place is { Epoch: not null, State: HolderState.Live, IsSpeaking: false })
        && _world.Rows(
            """
            SELECT EXISTS (SELECT 1 FROM notices WHERE state IN (0, 1))
                + EXISTS (SELECT 1 FROM deliveries WHERE state IN (0, 2))
                + EXISTS (SELECT 1 FROM parties p, meta m
                    WHERE p.name = 'oncall' AND m.name = 'sequence' AND p.scanned < m.value)
            """,
            row => row.GetInt64(0))[0] == 0;

    private void Settle(TimeSpan time)
    {
        Work(int.MaxValue);
        for (int timers = 0; timers < 500 && _world.Time.PassToNext(TimeSpan.FromMilliseconds(10)); timers++) Work(
            int.MaxValue);
        _world.Time.Pass(time);
        Work(int.MaxValue);
    }

    private void Pass(TimeSpan time)
    {
        _world.Note($"{time} passes");
        _world.Time.Pass(time);
    }

    private void Work(int steps)
    {
        for (int i = 0; i < Math.Min(steps, 100_000) && !_world.Scheduler.IsIdle; i++) _world.Scheduler.RunOne();
        if (_failed is not null) throw new BrokenPromiseException(
            $"{_failed.GetType().Name}: {_failed.Message}\n{_failed.StackTrace}");
    }

    private Exception? _failed;

    /// <summary>Begins something whose end nobody waits for; what it may throw is part of the contract.</summary>
    private async void Go(Func<Task> what)
    {
        try
        {
            await what();
        }
        catch (Exception fault) when (
            fault is LedgerUnavailableException or HolderRefusedException or ObjectDisposedException
            or NullReferenceException)
        {
            // Nothing of it counts; the daemon may be dead by now.
        }
        catch (Exception fault)
        {
            _failed ??= fault;
        }
    }
}
