// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <content>What producers, subscribers and the administrator do.</content>
internal sealed partial class Simulation
{
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
            Scope = isComplete && _random.Next(2) == 0 ? _world.RandomRange() : null,
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

    /// <summary>C1: what cannot be refused. It may be lost with the daemon, and only with it.</summary>
    private void Offer()
    {
        int where = _random.Next(_world.Disks.Length);
        var ranges = ByteRangeSet.From([_world.RandomRange()]);
        foreach (ByteRange range in ranges) _model.Allow(where, range);
        var report = new Report
        {
            Key = $"o{_reports++}", Source = "events", Device = _world.Disks[where], Ranges = ranges,
            Basis = ReportBasis.Error,
        };
        _world.Notifier!.Offer(report);
        _offered.Add(report.Key);
        _world.Note($"{report.Key} offered: {report.Device.Name} {string.Join(' ', ranges)}");
        Count("reports offered");
    }

    private void CheckOffered()
    {
        List<string> keys = _world.Rows("SELECT key FROM reports", row => row.GetString(0));
        if (_offered.Except(keys).FirstOrDefault() is not { } lost) return;
        throw new BrokenPromiseException($"C1: {lost} was offered to a daemon that lives, and is not in the ledger");
    }

    /// <summary>Disarms for a while, silences, or has dead deliveries tried again.</summary>
    private void Administer()
    {
        switch (_random.Next(4))
        {
            case 0: SetDisarmed(); break;
            case 1:
                Go(() => _world.Notifier!.PutSilenceAsync(
                    new("quiet", new(null, null, null, null), null,
                        _world.Time.GetUtcNow() + TimeSpan.FromMinutes(_random.Next(1, 5)), "anna", null),
                    CancellationToken.None));
                break;
            case 2:
                Go(() => _world.Notifier!.RemoveSilenceAsync("quiet", CancellationToken.None));
                break;
            default:
                if (_world.MayReplay) Replay(_random.Next(2) == 0);
                break;
        }
    }

    private void Replay(bool isUnknownToo)
    {
        if (isUnknownToo) _world.IsOrderedAgain = true;
        Go(async () =>
        {
            long many = await _world.Notifier!.ReplayAsync(null, null, isUnknownToo, CancellationToken.None);
            _world.Note($"{many} deliveries are put back{(isUnknownToo ? ", unknown ones too" : "")}");
            Count("deliveries put back", many);
        });
    }

    /// <summary>C14: between "disarmed" and the word to arm again no effect begins that cannot be undone.</summary>
    private void CheckDisarmed()
    {
        if (_disarmedFrom is not { } from) return;
        List<long> begun = _world.Rows($"SELECT id FROM attempts WHERE once AND id > {from}", row => row.GetInt64(0));
        if (begun.Count > 0) throw new BrokenPromiseException($"C14: attempt {begun[0]} began while disarmed");
    }

    private void SetDisarmed()
    {
        if (_isDisarming) return;
        _isDisarming = true;
        Go(async () =>
        {
            try
            {
                if (_disarmedFrom is not null)
                {
                    CheckDisarmed();
                    _disarmedFrom = null;
                    await _world.Notifier!.DisarmAsync(false, "root", null, CancellationToken.None);
                    return;
                }

                await _world.Notifier!.DisarmAsync(true, "root", null, CancellationToken.None);
                _disarmedFrom = _world.Rows("SELECT coalesce(max(id), 0) FROM attempts", row => row.GetInt64(0))[0];
                _world.Note("disarmed");
                Count("times disarmed");
            }
            finally
            {
                _isDisarming = false;
            }
        });
    }
}
