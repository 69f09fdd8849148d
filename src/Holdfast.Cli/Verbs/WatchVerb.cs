// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast watch: notices as they come.</summary>
internal sealed class WatchVerb : IDaemonVerb
{
    private const int ImpactsMax = 10;
    private const int DaysKept = 90;
    private readonly DaemonOptions _daemon = new();
    private readonly Option<string> _party = new("--party")
    {
        Description = "A party of your own, whose place is kept; else one that is forgotten at the end",
        HelpName = "NAME", DefaultValueFactory = _ => "",
    };

    private readonly Option<string?> _path = new("--path")
    {
        Description = "Only what hits this path inside a filesystem", HelpName = "PATH",
    };
    private readonly Option<string?> _filesystem = new("--fs")
    {
        Description = "Only this filesystem", HelpName = "UUID",
    };
    private readonly Option<string?> _severity = new("--severity")
    {
        Description = "At least harmless, metadata or file_data", HelpName = "SEVERITY",
    };

    private readonly Option<long?> _after = new("--after")
    {
        Description = "From this place in the feed on", HelpName = "SEQ",
    };
    private readonly Option<int> _count = new("--count") { Description = "End after so many", HelpName = "N" };

    public string Name => "watch";

    public string Description => "Show notices as they come, until interrupted";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast watch", "Everything, from now on"),
        new("holdfast watch --party backup --path srv/db --json",
            "Only one folder, going on where the last watch ended"),
    ];

    public void AddTo(Command command)
    {
        _severity.AcceptOnlyFromAmong("harmless", "metadata", "file_data");
        _count.AtLeast(1);
        _after.AtLeast(0);
        foreach (Option option in (Option[])[_party, _path, _filesystem, _severity, _after, _count])
        {
            command.Options.Add(option);
        }

        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string party = parsed.GetValue(_party)!;
        bool isOwn = party.Length > 0;
        if (!isOwn) party = $"watch-{Environment.ProcessId}-{Guid.NewGuid():N}"[..32];
        return _daemon.Ask(parsed, client => WatchAsync(parsed, client, party, isOwn));
    }

    private async Task<ExitBits> WatchAsync(ParseResult parsed, DaemonClient client, string party, bool isOwn)
    {
        var filter = new FilterJson
        {
            Path = parsed.GetValue(_path), Fs = parsed.GetValue(_filesystem), Severity = parsed.GetValue(_severity),
        };
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, args) =>
        {
            args.Cancel = true;
            stop.Cancel();
        };
        try
        {
            int expireDays = isOwn ? DaysKept : 1;
            // A daemon that is not there is said at once; one that goes away later is waited for.
            await client.PutPartyAsync(
                party, new PartyRequest { Filter = filter, ExpireDays = expireDays }, stop.Token);
            var subscription = new NoticeSubscription(client, party, filter)
            {
                After = parsed.GetValue(_after), ExpireDays = expireDays,
            };
            int left = parsed.GetValue(_count);
            await foreach (NoticeJson notice in subscription.ReadAllAsync(stop.Token))
            {
                Write(parsed, notice);
                if (isOwn) await subscription.AcknowledgeAsync(notice, stop.Token);
                if (left > 0 && --left == 0) break;
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted: that is how a watch ends.
        }
        finally
        {
            if (!isOwn) await ForgetAsync(client, party);
        }

        return ExitBits.None;
    }

    private static async Task ForgetAsync(DaemonClient client, string party)
    {
        try
        {
            await client.RemovePartyAsync(party);
        }
        catch (Exception away) when (away is DaemonException or DaemonUnreachableException)
        {
            // It expires by itself.
        }
    }

    private void Write(ParseResult parsed, NoticeJson notice)
    {
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(notice, ContractJson.Default.NoticeJson);
            return;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        RangeJson range = notice.Ranges[0];
        page.Line(
            [new($"{DaemonText.TimeOf(notice.Time)}  ", Tone.Quiet)],
            new Styled($"{VisibleText.Of(notice.Device.Name)} {DaemonText.RangeOf(range.Offset, range.Length)}",
                Tone.Heading),
            "  ", DaemonText.MediumOf(notice.Medium), ", content ", DaemonText.ContentOf(notice.Content),
            new Styled(notice.Replayed ? "  (waited, replayed)" : "", Tone.Quiet),
            new Styled(notice.Durable ? "" : "  NOT WRITTEN DOWN", Tone.Bad));
        foreach (Styled[] impact in DaemonText.ImpactsOf(notice, ImpactsMax)) page.Line(["    "], impact);
    }
}
