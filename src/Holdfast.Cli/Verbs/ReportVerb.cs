// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast report: tells the daemon of bad ranges; into the spool where no daemon answers.</summary>
internal sealed class ReportVerb : IDaemonVerb
{
    private const long SpoolBytesMax = 64 << 20;
    private readonly DaemonOptions _daemon = new();
    private readonly RangeOptions _ranges = new();
    private readonly Argument<string> _device = new("DEVICE") { Description = "Device, image, or a device's identity" };
    private readonly Option<bool> _complete = new("--complete")
    {
        Description = "The lists name everything that is bad on the device: what they do not name reads again",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "The same key again is the same report; without one each run is a report of its own",
        HelpName = "KEY",
    };

    private readonly Option<string> _source = new("--source")
    {
        Description = "Who says so, for the record", HelpName = "NAME", DefaultValueFactory = _ => "command",
    };

    private readonly Option<string> _spool = new("--spool")
    {
        Description = "Where reports wait while the daemon is away", HelpName = "FOLDER",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("HOLDFAST_SPOOL") ?? Defaults.SpoolPath,
    };

    public string Name => "report";

    public string Description => "Tell the daemon of bad ranges of a device";

    public IReadOnlyList<string>? ExitStatus =>
    [
        "0 it is in the ledger, 4 no daemon answers: it waits in the spool, 8 refused, 16 the command",
        "line makes no sense.",
    ];

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast report /dev/sdb --sector 123456+8", "Eight sectors that do not read"),
        new("holdfast report /dev/sdb --badblocks bad.txt --complete",
            "A finished scan: what it does not name is well again"),
        new("holdfast report rescued.img --mapfile rescue.map --source ddrescue", "What a rescue run could not save"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_device);
        _ranges.AddTo(command);
        foreach (Option option in (Option[])[_complete, _key, _source, _spool]) command.Options.Add(option);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string device = DaemonOptions.DeviceOf(parsed.GetValue(_device)!);
        var reader = new RangeReader(_ranges, parsed, device);
        GivenRanges given = reader.Read();
        if (!reader.IsAsked)
        {
            throw new CommandFailure("report: no bad range given: --range, --sector, --mapfile…", ExitBits.Usage);
        }

        foreach (string gap in given.Gaps) Program.Say($"incomplete: {gap}");
        List<ReportRequest> reports = ReportsOf(parsed, device, given.Bad.All);
        return Send(parsed, reports);
    }

    private List<ReportRequest> ReportsOf(ParseResult parsed, string device, ByteRangeSet ranges)
    {
        bool isComplete = parsed.GetValue(_complete);
        string key = parsed.GetValue(_key) ?? NewKey();
        bool isTyped = parsed.GetValue(_ranges.Range) is { Length: > 0 }
            || parsed.GetValue(_ranges.Sector) is { Length: > 0 };
        RangeJson[][] chunks =
            [.. ranges.Select(range => new RangeJson(range.Offset, range.Length)).Chunk(Defaults.RangesMax)];
        if (chunks.Length == 0) chunks = [[]];
        long start = 0;
        var reports = new List<ReportRequest>();
        for (int i = 0; i < chunks.Length; i++)
        {
            // A complete list in parts: each part is complete for its own stretch of the device.
            bool isLast = i == chunks.Length - 1;
            long end = isLast ? long.MaxValue : chunks[i + 1][0].Offset;
            reports.Add(new ReportRequest
            {
                Key = chunks.Length == 1 ? key : $"{key}/{i}",
                Source = parsed.GetValue(_source)!,
                Time = DateTimeOffset.UtcNow,
                Device = device,
                Basis = isComplete ? "list" : isTyped ? "claim" : "list",
                Complete = isComplete,
                Scope = isComplete && chunks.Length > 1 ? new(start, end - start) : null,
                Ranges = chunks[i],
            });
            start = end;
        }

        return reports;
    }

    /// <summary>
    /// Of this run alone: what is said again later may well be news. It begins with the time, so that the ledger finds
    /// it beside those before it.
    /// </summary>
    private static string NewKey() => $"command:{Guid.CreateVersion7():N}";

    private ExitBits Send(ParseResult parsed, List<ReportRequest> reports)
    {
        using var client = new DaemonClient(parsed.GetValue(_daemon.Socket)!) { IsBlocking = true };
        for (int i = 0; i < reports.Count; i++)
        {
            try
            {
                ReportAnswer answer = client.ReportAsync(reports[i]).GetAwaiter().GetResult();
                Tell(parsed, reports[i], answer);
            }
            catch (DaemonException refused) when (refused.Code != "ledger_unavailable")
            {
                throw DaemonOptions.Refusal(refused);
            }
            catch (Exception away) when (away is DaemonException or DaemonUnreachableException)
            {
                return Spool(parsed, reports[i..], away.Message);
            }
        }

        return ExitBits.None;
    }

    private ExitBits Spool(ParseResult parsed, List<ReportRequest> reports, string why)
    {
        string folder = parsed.GetValue(_spool)!;
        var spool = new SpoolFolder(folder, SpoolBytesMax);
        try
        {
            foreach (ReportRequest report in reports) spool.Add(report, DateTimeOffset.UtcNow);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{why}; nor could it be spooled: {fault.Message}");
        }

        if (parsed.GetValue(_daemon.Json)) WriteSpooled(reports);
        Program.Say($"{why}: not in the ledger yet, it waits in {folder} until the daemon runs");
        return ExitBits.Incomplete;
    }

    /// <summary>For programs: what was asked for has not happened yet, and under which keys it will.</summary>
    private static void WriteSpooled(List<ReportRequest> reports)
    {
        using Stream output = DescriptorStream.OpenOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteBoolean("spooled"u8, true);
            json.WriteStartArray("keys"u8);
            foreach (ReportRequest report in reports) json.WriteStringValue(report.Key);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private void Tell(ParseResult parsed, ReportRequest report, ReportAnswer answer)
    {
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(answer, ContractJson.Default.ReportAnswer);
            return;
        }

        string what = answer.Duplicate ? "known already" : "in the ledger";
        Program.Say($"{ByteText.Count(report.Ranges.Count, "range", "ranges")} {what}: "
            + ByteText.Count(answer.Failures.Count, "failure", "failures"));
        using Stream output = DescriptorStream.OpenOutput();
        foreach (FailureRevisionJson failure in answer.Failures) output.Write(
            Encoding.ASCII.GetBytes($"{failure.Id}\n"));
    }
}
