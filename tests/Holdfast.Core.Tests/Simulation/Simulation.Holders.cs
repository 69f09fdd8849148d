// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <content>What holders say and hear.</content>
internal sealed partial class Simulation
{
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
        _world.Recovered.Add((place.Name, late));
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
        if (next >= HolderState.LogRecovered) _world.Recovered.Add((place.Name, place.Epoch!.Value));
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

    /// <summary>A holder reads its own feed: nothing while it defers (C4).</summary>
    private readonly Dictionary<long, long> _settled = [];
    private readonly HashSet<long> _heardByHolders = [];

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

                foreach (FeedItem item in page.Items) Hear(place, item.Notice);
                if (page.Items.Count == 0 || _random.Next(2) != 0) return;
                long instance = page.Items[0].Notice.Instance!.Value;
                await _world.Notifier.AcknowledgeAsHolderAsync(place.Name, page.Next, CancellationToken.None);
                _settled[instance] = Math.Max(_settled.GetValueOrDefault(instance), page.Next);
            }
            finally
            {
                place.IsSpeaking = false;
            }
        });
    }

    /// <summary>Each notice of its instance, in order, and never one that it has acknowledged.</summary>
    private void Hear(SimulatedPlace place, Notice notice)
    {
        long instance = notice.Instance!.Value;
        _heardByHolders.Add(notice.Number);
        if (_hasMoved || notice.Number > _settled.GetValueOrDefault(instance)) return;
        throw new BrokenPromiseException(
            $"C6: {place.Name} heard {notice.Number}, which instance {instance} has settled");
    }

    /// <summary>In the end every holder has heard everything about its instance.</summary>
    private void CheckHeard()
    {
        if (_hasMoved) return;
        List<long> missed = _world.Rows(
            "SELECT n.number FROM notices n JOIN claims c ON c.instance = n.instance"
                + " WHERE n.state <> 3 AND n.cause <> 5",
            row => row.GetInt64(0));
        missed.RemoveAll(_heardByHolders.Contains);
        Count("notices heard by holders", _heardByHolders.Count);
        if (missed.Count > 0) throw new BrokenPromiseException($"C6: no holder ever heard notice {missed[0]}");
    }
}
