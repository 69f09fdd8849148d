// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery.Explaining;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast log: what is in the log, what recovery does with it, and whether a mount will succeed.</summary>
internal sealed class LogVerb : IVerb
{
    private readonly TargetOptions _target = new();
    private readonly RangeOptions _ranges = new();
    private readonly Option<bool> _records = new("--records") { Description = "Every record of the active log" };
    private readonly Option<bool> _transactions = new("--transactions") { Description = "Every transaction" };
    private readonly Option<bool> _items = new("--items")
    {
        Description = "Every transaction with its items, and what recovery does with each",
    };

    public string Name => "log";

    public string Description => "Explain the log: its ends, what recovery will do, and whether a mount will succeed";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast log crashed.img", "What a mount would do"),
        new("holdfast log rescued.img --mapfile rescue.map", "Will it mount, with these sectors lost?"),
        new("holdfast log crashed.img --items | less", "Item by item"),
        new("holdfast log crashed.img --items --json | jq '.transactions[].items[] | select(.inode == 133)'",
            "What the log has of one inode"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Options.Add(_records);
        command.Options.Add(_transactions);
        command.Options.Add(_items);
        _ranges.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        GivenRanges given = new RangeReader(_ranges, parsed, parsed.GetValue(_target.Target)!).Read();
        // A log that cannot be recovered is what this verb is asked about.
        using OpenedTarget target = TargetOpener.Open(_target, parsed, given, mustRecover: false);
        var notes = new AnswerNotes(target);
        MountForecast forecast = MountCheck.Run(target.Recovered, target.ToVolume(given.Bad.All).Inside);
        var detail = new LogDetail(
            parsed.GetValue(_records), parsed.GetValue(_transactions) || parsed.GetValue(_items),
            parsed.GetValue(_items));
        using Stream output = DescriptorStream.OpenOutput();
        if (parsed.GetValue(_target.Json)) LogJson.Write(output, target, notes, forecast, detail, Explain);
        else LogText.Write(output, target, notes, forecast, detail, Explain);
        bool isKnown = target.Recovered.Log.Kind is not (LogStateKind.Damaged or LogStateKind.NotSupplied)
            && target.Use != Use.InUse;
        return isKnown && target.Recovered.Stopped is null ? ExitBits.None : ExitBits.Incomplete;

        void Explain(ILogListener listener)
        {
            StructuresReady ready = target.Recovered.Ready;
            if (ready.Log.Kind != LogStateKind.Dirty || ready.LogSource is null) return;
            LogExplanation.Run(ready.Data, ready.LogSource, ready.LogPlace, ready.Log, ready.Geometry, listener);
        }
    }
}
