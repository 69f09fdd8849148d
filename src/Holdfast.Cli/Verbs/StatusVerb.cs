// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast status: how things stand, in a few lines and an exit status.</summary>
internal sealed class StatusVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();

    public string Name => "status";

    public string Description => "Is anything lost, does anything wait, does everything work?";

    public IReadOnlyList<string>? ExitStatus =>
    [
        "The sum of: 1 something is lost and not settled, 2 a delivery is dead or of unknown outcome,",
        "4 something does not work as it should, 8 the daemon cannot be reached, 16 the command line",
        "makes no sense. 0: all is well.",
    ];

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast status", "For people"),
        new("holdfast status --json > /dev/null || echo look", "For a script: the exit status says it all"),
    ];

    public void AddTo(Command command) => _daemon.AddTo(command);

    public ExitBits Run(ParseResult parsed)
    {
        StatusJson status = _daemon.Ask(parsed, client => client.StatusAsync());
        if (parsed.GetValue(_daemon.Json)) DaemonJson.Write(status, ContractJson.Default.StatusJson);
        else Write(status);
        int bits = (status.OpenFailures > 0 ? 1 : 0)
            + (status.DeadDeliveries + status.UnknownDeliveries > 0 ? 2 : 0)
            + (status.Degraded.Count > 0 ? 4 : 0);
        return (ExitBits)bits;
    }

    private static void Write(StatusJson status)
    {
        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        page.Line([], status.OpenFailures == 0
            ? new Styled("nothing is lost", Tone.Good)
            : new Styled($"{ByteText.Count(status.OpenFailures, "failure is", "failures are")} open, "
                + $"{ByteText.Of(status.OpenBytes)}: holdfast failures list", Tone.Bad));
        if (status.Waiting > 0)
        {
            page.Line([], new Styled(
                $"{ByteText.Count(status.Waiting, "notice waits", "notices wait")} for a filesystem: "
                + "holdfast holders list", Tone.Warning));
        }

        page.Line([], Deliveries(status));
        foreach (string what in status.Degraded) page.Line(
            [], new Styled($"degraded: {VisibleText.Of(what)}", Tone.Bad));
        foreach (ScanJson scan in status.Scans ?? []) page.Line([], ScheduledScanText.Of(scan));
        if (status.Disarmed) page.Line([], new Styled("disarmed: no command and no signal", Tone.Warning));
        page.Line(
            [], new Styled(
                $"{VisibleText.Of(status.Host)}, {ByteText.Count(status.Holders, "holder", "holders")}, "
                + $"{ByteText.Count(status.Parties, "party", "parties")}, ledger {ByteText.Of(status.Ledger.Bytes)}, "
                + $"up since {DaemonText.TimeOf(status.Started)}", Tone.Quiet));
    }

    private static Styled Deliveries(StatusJson status)
    {
        long trouble = status.DeadDeliveries + status.UnknownDeliveries;
        if (trouble > 0)
        {
            return new(
                $"{ByteText.Count(status.DeadDeliveries, "delivery", "deliveries")} dead, "
                + $"{status.UnknownDeliveries} of unknown outcome: holdfast parties",
                Tone.Bad);
        }

        return status.PendingDeliveries == 0
            ? new("everybody was told", Tone.Good)
            : new($"{ByteText.Count(status.PendingDeliveries, "delivery", "deliveries")} under way", Tone.Warning);
    }
}
