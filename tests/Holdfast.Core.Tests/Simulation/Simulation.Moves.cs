// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <content>Filesystems that appear elsewhere, and what the administrator says of them (C6).</content>
internal sealed partial class Simulation
{
    private SimulatedPlace? _movedTo;

    /// <summary>A disk was copied to another one, which is there instead of it from now on; mostly.</summary>
    private void Move()
    {
        SimulatedPlace from = _world.Places[_random.Next(_world.Places.Length)];
        SimulatedPlace to = _world.Places[_random.Next(_world.Places.Length)];
        if (from == to || from.IsSpeaking || to.IsSpeaking || from.IsEmpty) return;
        // One that was never heard of appears as a new one wherever it lies.
        while (from.Epoch is null || from.State < HolderState.SuperblockRead)
        {
            if (from.IsSpeaking || _random.Next(8) == 0) return;
            Advance(from, _random.Next(1, 4));
            Work(_random.Next(5, 60));
            if (_world.Notifier is null) return;
        }

        _world.Note($"{from.Uuid} lies on {to.Name} now");
        to.Become(from.Uuid, from.Length);
        (to.IsEmpty, _movedTo) = (false, to);
        Count("filesystems put elsewhere");
        if (_random.Next(6) == 0) return;
        if (from.Epoch is { } epoch && _random.Next(4) != 0) Release(from, epoch);
        from.FallSilent();
        from.IsEmpty = true;
    }

    /// <summary>Goes on with what was begun: it comes up where it lies now, and is judged.</summary>
    private void GoOnMoving()
    {
        switch (_random.Next(12))
        {
            case < 3: Move(); break;
            case < 6: JudgeOne(); break;
            case < 10 when _movedTo is { IsSpeaking: false, IsEmpty: false } to: Advance(to, _random.Next(1, 4)); break;
            case < 11:
                // Long enough for the lease of whoever spoke for it where it was.
                Pass(TimeSpan.FromSeconds(65));
                break;
            default: Array.Find(_world.Places, place => place.IsEmpty)?.Fill($"uuid-{_random.Next()}"); break;
        }
    }

    private void Release(SimulatedPlace place, long epoch) => Go(async () =>
    {
        await _world.Notifier!.ReleaseHolderAsync(place.Name, epoch, CancellationToken.None);
        if (place.Epoch == epoch) place.Epoch = null;
    });

    private void JudgeOne()
    {
        List<long> candidates = _world.Rows(
            "SELECT id FROM instances WHERE candidate_of IS NOT NULL AND replaced_by IS NULL ORDER BY id",
            row => row.GetInt64(0));
        if (candidates.Count > 0) Judge(candidates[^1], _random.Next(5) != 0);
    }

    private void Judge(long candidate, bool isMoved) => Go(async () =>
    {
        if (isMoved) ExpectMove(candidate);
        try
        {
            await _world.Notifier!.JudgeInstanceAsync(candidate, isMoved, "root", CancellationToken.None);
        }
        catch (HolderRefusedException refused)
        {
            Count($"judgements refused: {refused.Refusal}");
            return;
        }

        _world.Note($"instance {candidate} {(isMoved ? "moved" : "copied")}");
        Count(isMoved ? "moved" : "copied");
    });

    /// <summary>What the filesystem lost may be found where it lies now, although nobody hears that it moved.</summary>
    private void ExpectMove(long candidate)
    {
        // Its holder hears from now on by numbers of the new place, from where it settled them there.
        foreach (long instance in _world.Rows(
            $"SELECT candidate_of FROM instances WHERE id = {candidate} AND candidate_of IS NOT NULL",
            row => row.GetInt64(0)))
        {
            _settled.Remove(instance);
        }

        foreach (SimulatedPlace to in _world.Places.Where(to => _world.Rows(
            $"SELECT d.identity, r.offset FROM instance_ranges r JOIN devices d ON d.id = r.device"
                + $" WHERE r.instance = {candidate} AND r.role = 0",
            row => (Device: row.GetString(0), Offset: row.GetInt64(1)))
            .Contains((to.Ranges[0].Device.Identity, to.Ranges[0].Range.Offset))))
        {
            foreach (SimulatedPlace from in _world.Places)
            {
                if (from != to) ExpectMove(from, to);
            }
        }
    }

    private void ExpectMove(SimulatedPlace from, SimulatedPlace to)
    {
        foreach (HolderRange range in from.Ranges)
        {
            if (Array.Find(to.Ranges, at => at.Role == range.Role) is not { } there) continue;
            _model.AllowMove(_world.NumberOf(range.Device), range.Range, _world.NumberOf(there.Device), there.Range);
        }
    }
}
