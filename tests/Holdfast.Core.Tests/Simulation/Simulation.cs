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
internal sealed partial class Simulation : IDisposable
{
    private const int StepsMin = 10;
    private const int StepsMax = 60;

    private readonly SimulatedWorld _world;
    private readonly SimulatedModel _model;
    private readonly List<(int Disk, Report Report)> _untold = [];
    private readonly Func<IPolicy, IPolicy>? _wrap;
    private readonly Random _random;
    private readonly string? _lie;
    private readonly string? _steadyLie;
    private bool _isBooting;
    private int _reports;
    private long _heard;
    private long _acknowledged = -1;
    private bool _isReading;
    private bool _isDisarming;
    private long? _disarmedFrom;
    private readonly HashSet<string> _offered = [];

    /// <param name="wrap">For tests of the simulation itself: a double that breaks a promise.</param>
    /// <param name="lie">For the same: what is done to the ledger before the end.</param>
    /// <param name="steadyLie">For the same: what is done to it after every step.</param>
    internal Simulation(int seed, Func<IPolicy, IPolicy>? wrap = null, string? lie = null, string? steadyLie = null)
    {
        _steadyLie = steadyLie;
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
                if (_steadyLie is not null) _world.Rows(_steadyLie, _ => 0);
                Work(_random.Next(20));
                if (step % 8 == 7) SimulatedInvariants.Check(_world, _model);
            }

            End();
            if (_lie is not null) _world.Rows(_lie, _ => 0);
            SimulatedInvariants.Check(_world, _model);
            CheckDisarmed();
            CheckOffered();
            SimulatedInvariants.CheckEnd(_world, _model);
            CheckHeard();
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
        Count("ranges answered at once", _world.AnsweredAtOnce);
        Count("effects", _world.Effects.Count);
        Count("effects of what was not durable", _world.Effects.Count(effect => !effect.Notice.IsDurable));
    }

    private void Step()
    {
        if (_world.Notifier is null)
        {
            if (!_isBooting) Boot();
            Pass(TimeSpan.FromSeconds(_random.Next(5)));
            return;
        }

        if (_world.IsMoving && _random.Next(2) == 0)
        {
            GoOnMoving();
            return;
        }

        switch (_random.Next(100))
        {
            case < 34: Report(); break;
            case < 56: Speak(_world.Places[_random.Next(_world.Places.Length)]); break;
            case < 64: Read(); break;
            case < 70: Hear(_world.Places[_random.Next(_world.Places.Length)]); break;
            case < 74: Act(); break;
            case < 77: Administer(); break;
            case < 80: Offer(); break;
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
        _isDisarming = false;
        foreach (SimulatedPlace place in _world.Places)
        {
            place.IsUncertain |= place.IsSpeaking;
            place.IsSpeaking = false;
        }

        // A subscriber that was killed with it goes on from what it acknowledged.
        _offered.Clear();
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

    /// <summary>All faults end; everything is told, held, live and read to the end.</summary>
    private void End()
    {
        _world.Note("the end: all faults are over");
        _world.IsFaulty = false;
        _world.Disk.IsFull = false;
        _world.Disk.FailPercent = 0;
        foreach (SimulatedPlace place in _world.Places)
        {
            if (place.IsEmpty && _random.Next(2) == 0) place.Fill($"uuid-{_random.Next()}");
            place.IsEmpty = false;
        }

        // What was only offered dies with the daemon; half of the worlds end without that.
        if (_world.Notifier is null || _random.Next(2) == 0)
        {
            Kill();
            Boot();
        }

        Work(1000);
        for (int round = 0; round < 60; round++)
        {
            foreach ((int disk, Report report) in _untold.ToArray()) Tell(disk, report);
            foreach (SimulatedPlace place in _world.Places)
            {
                if (!place.IsSpeaking) Advance(place, 1);
            }

            Read();
            Work(int.MaxValue);
            if (_steadyLie is not null) _world.Rows(_steadyLie, _ => 0);
            foreach (SimulatedPlace place in _world.Places) Hear(place);
            // Retries come again after ten minutes at most; what hung is asked again.
            Settle(TimeSpan.FromSeconds(50));
            if (IsQuiet()) break;
        }

        Work(int.MaxValue);
        if (_untold.Count > 0) throw new BrokenPromiseException("C1: a report is never accepted");
    }

    private bool IsQuiet() => _untold.Count == 0 && _world.Notifier is { Spool.Waiting: 0 }
        && _world.Places.All(place => place is { Epoch: not null, State: HolderState.Live, IsSpeaking: false })
        && _world.Rows(
            """
            SELECT EXISTS (SELECT 1 FROM notices WHERE state IN (0, 1))
                + EXISTS (SELECT 1 FROM deliveries WHERE state IN (0, 2))
                + EXISTS (SELECT 1 FROM notices n JOIN instances i ON i.id = n.instance
                    JOIN claims c ON c.instance = i.id
                    WHERE n.number > i.cursor AND n.state <> 3 AND n.cause <> 5 AND EXISTS (
                        SELECT 1 FROM claim_ranges r WHERE r.name = c.name AND r.device = n.device
                            AND r.offset < n.offset + n.length AND r.offset + r.length > n.offset))
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
