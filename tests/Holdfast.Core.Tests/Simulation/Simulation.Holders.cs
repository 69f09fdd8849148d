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
        if (place.IsSpeaking || place.IsEmpty) return;
        switch (_random.Next(15))
        {
            case 0:
                _world.Note($"{place.Name} is silent for ever");
                place.FallSilent();
                break;
            case 1:
                _world.Note($"{place.Name} is made anew");
                place.Become($"uuid-{_random.Next()}", LengthOf(place));
                break;
            case 2:
                place.Become(_world.Places[_random.Next(_world.Places.Length)].Uuid, LengthOf(place));
                _world.Note($"{place.Name} has {place.Uuid} now");
                break;
            case 3 when place.Epoch is { } epoch:
                Release(place, epoch);
                break;
            case 4 when place.LateEpoch is { } late && late != place.Epoch:
                SpeakLate(place, late);
                break;
            case 5:
                HolderRange data = place.Ranges[0];
                string name = $"/dev/sd{(char)('a' + _random.Next(26))}";
                place.Ranges[0] = data with { Device = data.Device with { Name = name } };
                break;
            case 6 when place.Length < place.LengthMax:
                place.Length = Math.Min(place.LengthMax, place.Length + (4 * SimulatedWorld.Sector));
                _world.Note($"{place.Name} grows to {place.Length}");
                Count("grown");
                break;
            default:
                Advance(place, _random.Next(1, 3));
                break;
        }
    }

    /// <summary>Of a new filesystem: of the whole partition mostly.</summary>
    private long LengthOf(SimulatedPlace place) =>
        place.LengthMax - (_random.Next(3) == 0 ? _random.Next(1, 16) * SimulatedWorld.Sector : 0);

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
                if (holder.CandidateOf is not null && _random.Next(3) == 0)
                {
                    Judge(holder.Instance!.Value, _random.Next(2) == 0);
                }

            }
            catch (HolderRefusedException refused)
            {
                _world.Note($"{place.Name}: refused, {refused.Message}");
                place.FallSilent();
                Count($"refused: {refused.Refusal}");
            }
            finally
            {
                place.IsSpeaking = false;
            }
        });
    }

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
                bool isHeld = await _world.Notifier.AcknowledgeAsHolderAsync(
                    place.Name, page.Next, CancellationToken.None);
                // Its claim may have ended while it read.
                if (!isHeld) return;
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
        if (notice.Number > _settled.GetValueOrDefault(instance)) return;
        throw new BrokenPromiseException(
            $"C6: {place.Name} heard {notice.Number}, which instance {instance} has settled");
    }

    /// <summary>In the end every holder has heard everything about its instance.</summary>
    private void CheckHeard()
    {
        List<long> missed = _world.Rows(
            """
            SELECT n.number FROM notices n JOIN claims c ON c.instance = n.instance
            WHERE n.state <> 3 AND n.cause <> 5 AND EXISTS (
                SELECT 1 FROM claim_ranges r WHERE r.name = c.name AND r.device = n.device
                    AND r.offset < n.offset + n.length AND r.offset + r.length > n.offset)
            """,
            row => row.GetInt64(0));
        missed.RemoveAll(_heardByHolders.Contains);
        Count("notices heard by holders", _heardByHolders.Count);
        if (missed.Count > 0) throw new BrokenPromiseException($"C6: no holder ever heard notice {missed[0]}");
    }
}
