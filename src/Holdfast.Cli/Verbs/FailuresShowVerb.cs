// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast failures show: everything about one failure.</summary>
internal sealed class FailuresShowVerb : IDaemonVerb
{
    private const int ImpactsMax = 50;
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<Guid> _id = new("ID") { Description = "The failure's id" };

    public string Name => "show";

    public string Description => "Show one failure: what it hit, its history, who was told";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast failures show 01a222db-60a2-7000-90d4-8245bdd8af20", "All that is known of it"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_id);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        FailureDetailJson detail = _daemon.Ask(parsed, client => client.ShowFailureAsync(parsed.GetValue(_id)));
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(detail, ContractJson.Default.FailureDetailJson);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        WriteFacts(page, detail.Failure);
        page.Heading("What it hit");
        WriteImpacts(page, detail);
        page.Heading("History");
        foreach (HistoryJson at in detail.History)
        {
            string note = at.Note is null ? "" : $": {VisibleText.Of(at.Note)}";
            page.Line(
                [new($"  {DaemonText.TimeOf(at.Time)}  ", Tone.Quiet)],
                $"{at.What} by {VisibleText.Of(at.Source)}, bytes {DaemonText.RangeOf(at.Offset, at.Length)}{note}");
        }

        page.Heading("Who was told");
        WriteDeliveries(page, detail);
        return ExitBits.None;
    }

    private static void WriteFacts(IPage page, FailureJson at)
    {
        page.Line([], new Styled($"failure {at.Id}", Tone.Heading), new Styled(
            $"  revision {at.Revision}", Tone.Quiet));
        page.Line(["  device   "], $"{VisibleText.Of(at.Device.Name)}  ", new Styled(
            at.Device.Stable ? VisibleText.Of(at.Device.Identity) : "no lasting identity", Tone.Quiet));
        page.Line(["  bytes    "], DaemonText.RangeOf(at.Offset, at.Length));
        page.Line(["  medium   "], DaemonText.MediumOf(at.Medium));
        page.Line(["  content  "], DaemonText.ContentOf(at.Content));
        if (at.Fs is { } fs) page.Line(["  on       "], $"{VisibleText.Of(fs.Type)} {VisibleText.Of(fs.Uuid)}");
        page.Line(["  seen     "], $"{DaemonText.TimeOf(at.FirstSeen)} to {DaemonText.TimeOf(at.LastSeen)}, "
            + $"{ByteText.Count(at.Count, "time", "times")}, by {VisibleText.Of(string.Join(", ", at.Sources))}");
        if (at.Owner is { } owner) page.Line(
            ["  owner    "], $"{VisibleText.Of(owner)} {VisibleText.Of(at.Note ?? "")}");
        if (at.MergedInto is { } into) page.Line(["  part of  "], $"{into}");
        if (at.Superseded) page.Line(["  "], new Styled("superseded: another filesystem lies there now", Tone.Warning));
    }

    /// <summary>What was said last, by each filesystem that has its bytes: one may lie in a file of another.</summary>
    private static void WriteImpacts(IPage page, FailureDetailJson detail)
    {
        NoticeJson[] told = [.. detail.Notices.Where(notice => notice.State == "published")
            .GroupBy(notice => notice.Device.Identity).Select(notices => notices.Last())];
        if (told.Length == 0)
        {
            page.Line(["  "], new Styled("nothing is known yet: its filesystem is not ready", Tone.Warning));
        }

        foreach (NoticeJson last in told)
        {
            if (told.Length > 1) page.Line(["  "], new Styled($"on {VisibleText.Of(last.Device.Name)}", Tone.Quiet));
            Styled[] indent = told.Length > 1 ? ["    "] : ["  "];
            foreach (Styled[] impact in DaemonText.ImpactsOf(last, ImpactsMax)) page.Line(indent, impact);
        }
    }

    private static void WriteDeliveries(IPage page, FailureDetailJson detail)
    {
        foreach (NoticeJson waiting in detail.Notices.Where(notice => notice.State == "waiting"))
        {
            page.Line(["  "], new Styled(
                "deferred", Tone.Warning), $"  everybody: {waiting.Cause.Replace('_', ' ')}, waits for its filesystem");
        }

        foreach (DeliveryJson at in detail.Deliveries)
        {
            string rule = at.Rule is null ? "" : $" by rule {VisibleText.Of(at.Rule)}";
            string reason = at.Reason is null ? "" : $": {VisibleText.Of(at.Reason)}";
            page.Line(["  "], DaemonText.StateOf(at.State), $"  {VisibleText.Of(at.Party)}{rule}{reason}");
        }

        if (detail.Notices.All(notice => notice.State != "waiting") && detail.Deliveries.Count == 0)
        {
            page.Line(["  "], new Styled("subscribers only: see holdfast parties", Tone.Quiet));
        }
    }
}
