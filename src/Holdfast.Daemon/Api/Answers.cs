// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Daemon.Scanning;

namespace Holdfast.Daemon.Api;

/// <summary>Records of Core as the wire types have them.</summary>
internal static class Answers
{
    internal static FailureJson Of(FailureView view, string host)
    {
        Failure at = view.Failure;
        return new()
        {
            Id = at.Id,
            Revision = at.Revision,
            Device = Wire.Of(view.Device),
            Offset = at.Range.Offset,
            Length = at.Range.Length,
            Kind = Words.Of(at.Kind),
            Medium = Words.Of(at.Medium),
            Content = Words.Of(at.Content),
            FirstSeen = at.FirstSeen,
            LastSeen = at.LastSeen,
            Count = at.Count,
            Sources = at.Sources.Split(' '),
            MergedInto = at.MergedInto,
            Superseded = at.IsSuperseded,
            Open = at.IsOpen,
            Fs = Wire.Of(view.Filesystem),
            Instance = at.Instance,
            Owner = at.Owner,
            Note = at.Note,
            Host = host,
        };
    }

    internal static HistoryJson Of(HistoryEntry at) =>
        new(at.Sequence, at.Revision, at.Time, at.What, at.Source, at.Range.Offset, at.Range.Length, at.Note);

    internal static DeliveryJson Of(PartyDelivery at) => new(
        at.Party, at.Notice, Words.Of(at.State), at.Attempts, at.NextAttempt, at.Reason, at.Rule, at.ConfigHash);

    internal static HolderJson Of(HolderView view)
    {
        Holder at = view.Holder;
        return new()
        {
            Name = at.Name,
            Epoch = at.Epoch,
            State = Words.Of(at.State),
            Ranges = [.. at.Ranges.Zip(view.Devices, (range, device) => new HolderRangeJson(
                device.Name, ImpactWords.Of(range.Role), range.Range.Offset, range.Range.Length))],
            Fs = Wire.Of(at.Filesystem),
            Instance = at.Instance,
            CandidateOf = at.CandidateOf,
            Decision = Words.Of(at.Decision),
            LeaseEnds = at.LeaseEnds,
            Waiting = view.Waiting,
        };
    }

    internal static PartyJson Of(PartyView view) => new()
    {
        Name = view.Party.Name,
        Kind = Words.Of(view.Party.Kind),
        Filter = Of(view.Party.Filter),
        Cursor = view.Party.Cursor,
        Behind = view.Behind,
        LastSeen = view.Party.LastSeen,
        ExpireDays = view.Party.ExpireDays,
        Pending = view.Pending,
        Dead = view.Dead,
        Unknown = view.Unknown,
    };

    internal static FilterJson Of(PartyFilter filter)
    {
        bool isUtf8 = filter.Path is not { } path || System.Text.Unicode.Utf8.IsValid(path.Span);
        return new()
        {
            Path = filter.Path is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : null,
            PathBase64 = isUtf8 ? null : Convert.ToBase64String(filter.Path!.Value.Span),
            Fs = filter.Filesystem,
            Owner = filter.Owner,
            Severity = filter.Severity,
        };
    }

    internal static ScanJson Of(ScheduledScan at)
    {
        ScanProgress progress = at.Progress;
        return new()
        {
            Name = at.Scan.Name,
            Device = at.Scan.Device,
            Identity = progress.Device,
            State = Words.Of(progress.Phase),
            Begun = progress.Begun,
            ReadBytes = progress.ReadBytes,
            WantedBytes = progress.WantedBytes,
            BadBytes = progress.BadBytes,
            LeftS = progress.Left is { } left ? (long)left.TotalSeconds : null,
            LastFinished = progress.LastFinished,
            Next = progress.Next,
            Note = progress.Note,
        };
    }

    internal static SilenceJson Of(Silence silence, string? device) => new(
        silence.Name, Of(silence.Filter), device, silence.Until, silence.Owner, silence.Note);
}
