// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast holders list.</summary>
internal sealed class HoldersListVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();

    public string Name => "list";

    public string Description => "List holders with their state and what waits for them";

    public IReadOnlyList<Example> Examples => [new("holdfast holders list", "Which filesystems are known")];

    public void AddTo(Command command) => _daemon.AddTo(command);

    public ExitBits Run(ParseResult parsed)
    {
        HolderListJson holders = _daemon.Ask(parsed, client => client.ListHoldersAsync());
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(holders, ContractJson.Default.HolderListJson);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        if (holders.Items.Count == 0) page.Text("no holders");
        foreach (HolderJson at in holders.Items)
        {
            Tone tone = at.State is "live" or "log_recovered" ? Tone.Good : Tone.Warning;
            page.Line(
                [], new Styled(VisibleText.Of(at.Name), Tone.Heading), new Styled($"  {at.State}", tone),
                $", {at.Decision}s notices, {ByteText.Count(at.Waiting, "waits", "wait")}");
            if (at.Fs is { } fs) page.Line(["  "], $"{VisibleText.Of(fs.Type)} {VisibleText.Of(fs.Uuid)}");
            foreach (HolderRangeJson range in at.Ranges)
            {
                page.Line([$"  {range.Role,-4} "],
                    $"{VisibleText.Of(range.Device)} {DaemonText.RangeOf(range.Offset, range.Length)}");
            }

            if (at.CandidateOf is { } other)
            {
                page.Line(["  "], new Styled(
                    $"looks like instance {other}, which lay elsewhere: holdfast holders moved {at.Instance}, "
                    + $"or copied {at.Instance}",
                    Tone.Warning));
            }

            page.Line(["  "], new Styled(
                $"epoch {at.Epoch}, lease until {DaemonText.TimeOf(at.LeaseEnds)}", Tone.Quiet));
        }

        return ExitBits.None;
    }
}
