// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Runtime.InteropServices;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux;
using Holdfast.Linux.Media;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast scan: reads a device through, and finds every sector that cannot be read.</summary>
internal sealed class ScanVerb : IVerb
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(30);

    private readonly TargetOptions _target = new()
    {
        Target = new("TARGET") { Description = "Device, image, or mount point of an XFS; it is only read" },
    };

    private readonly Option<string?> _mapfile = new("--mapfile", "-m")
    {
        HelpName = "FILE",
        Description = "Keep what is found as a ddrescue mapfile, and go on from it if it is there",
    };

    private readonly Option<string[]> _range = new("--range")
    {
        HelpName = "OFFSET+LENGTH",
        Description = "Only these bytes; several times for several ranges",
    };

    private readonly Option<string?> _domain = new("--domain-mapfile")
    {
        HelpName = "FILE",
        Description = "Only what this mapfile calls finished, as `holdfast domain --allocated` writes it",
    };

    private readonly Option<bool> _allocated = new("--allocated")
    {
        Description = "Only what its XFS has in use: of a mounted one the kernel is asked",
    };

    private readonly Option<string> _blockSize = new("--block-size")
    {
        HelpName = "SIZE",
        Description = "Bytes of a read, up to 1M",
        DefaultValueFactory = _ => "1M",
    };

    private readonly Option<string?> _rate = new("--rate")
    {
        HelpName = "SIZE",
        Description = "At most so many bytes a second",
    };

    private readonly Option<bool> _eager = new("--eager")
    {
        Description = "Do not step back while others use the device",
    };

    private readonly Option<int?> _latency = new("--max-latency")
    {
        HelpName = "MS",
        Description = "While requests of others last longer than this, in the mean, rest longer",
    };

    private readonly Option<bool> _verify = new("--verify-media")
    {
        Description = "Have the kernel read the device of a mounted XFS (Linux 7.0)",
    };

    private readonly Option<bool> _tell = new("--tell-filesystem")
    {
        Description = "With --verify-media: have the XFS tell its own watchers of each bad sector",
    };

    private readonly Option<bool> _json = new("--json") { Description = "For programs; docs/ has the schemas" };

    public string Name => "scan";

    public string Description => "Read a device through and find the sectors that cannot be read";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast scan /dev/sdb --mapfile sdb.map", "Interrupted, it goes on where it was"),
        new("holdfast scan /dev/sdb --allocated --mapfile sdb.map", "Only what its XFS has in use"),
        new("holdfast scan /dev/sdb --mapfile sdb.map; holdfast locate /dev/sdb --mapfile sdb.map", "And what it cost"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_target.Target);
        Option[] options =
        [
            _mapfile, _range, _domain, _allocated, _target.Volume, _target.LogDevice, _blockSize, _rate, _latency,
            _eager, _verify, _tell, _json,
        ];
        foreach (Option option in options) command.Options.Add(option);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string typed = parsed.GetValue(_target.Target)!;
        using IMediaReader reader = Open(parsed, typed);
        string device = reader.Name;
        ScanOptions options = OptionsOf(parsed, reader.SectorSize);
        string? mapfile = parsed.GetValue(_mapfile);
        ScanState before = mapfile is null ? ScanState.Nothing : ScanFile.Read(mapfile);
        ByteRangeSet domain = DomainOf(parsed, reader.Length, out bool isKnown);
        var scan = new DeviceScan(reader, options, KernelRoots.Real);
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupted = OnSignal(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminated = OnSignal(PosixSignal.SIGTERM, stop);
        long saved = Environment.TickCount64;
        bool isWhole = Work.Run($"reading {device}", progress => scan.Run(
            domain, before,
            (read, total) =>
            {
                progress?.Report((double)read / total);
                if (mapfile is null || Environment.TickCount64 - saved < SaveEvery.TotalMilliseconds) return;
                ScanFile.Write(mapfile, device, scan.State, reader.Length);
                saved = Environment.TickCount64;
            },
            stop.Token));
        if (mapfile is not null) ScanFile.Write(mapfile, device, scan.State, reader.Length);
        ScanOutput.Write(parsed.GetValue(_json), typed, reader.Length, domain, scan.State, isWhole, mapfile);
        return BitsOf(scan.State, isWhole && isKnown);
    }

    /// <summary>Bad sectors may be anybody's: that is for `locate` to say, and counts as content until then.</summary>
    private static ExitBits BitsOf(ScanState state, bool isWhole) =>
        (state.Bad.IsEmpty ? ExitBits.None : ExitBits.FileData)
        | (isWhole && state.Unsure.IsEmpty ? ExitBits.None : ExitBits.Incomplete);

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            // What was found is kept, and told.
            context.Cancel = true;
            stop.Cancel();
        });

    private IMediaReader Open(ParseResult parsed, string typed)
    {
        bool tells = parsed.GetValue(_tell);
        if (parsed.GetValue(_verify)) return ScanTarget.OpenVerifying(typed, tells);
        if (tells) throw new CommandFailure("--tell-filesystem is for --verify-media", ExitBits.Usage);
        return ScanTarget.Open(KernelTarget.DeviceOf(typed));
    }

    private ScanOptions OptionsOf(ParseResult parsed, int sector)
    {
        long block = SizeOf(_blockSize.Name, parsed.GetValue(_blockSize)!);
        if (block % sector != 0 || block > SectorReader.ReadMax)
        {
            throw new CommandFailure(
                $"--block-size {block}: not a multiple of {sector} up to {SectorReader.ReadMax}", ExitBits.Usage);
        }

        int? latency = parsed.GetValue(_latency);
        if (latency is <= 0) throw new CommandFailure($"--max-latency {latency}: no time", ExitBits.Usage);
        return new()
        {
            BlockSize = (int)block,
            LatencyMax = latency is { } most ? TimeSpan.FromMilliseconds(most) : null,
            RateMax = parsed.GetValue(_rate) is { } rate ? SizeOf(_rate.Name, rate) : null,
            IsGentle = !parsed.GetValue(_eager),
        };
    }

    private static long SizeOf(string option, string text)
    {
        if (RangeText.TryParseSize(text, out long size, out string problem) && size > 0) return size;
        throw new CommandFailure($"{option} {text}: {(problem.Length > 0 ? problem : "no size")}", ExitBits.Usage);
    }

    /// <param name="isKnown">Whether all that is in use is known to be in it, where that was asked for.</param>
    private ByteRangeSet DomainOf(ParseResult parsed, long length, out bool isKnown)
    {
        isKnown = true;
        ByteRangeSet domain = ByteRangeSet.From([new(0, length)]);
        string[] typed = parsed.GetValue(_range) ?? [];
        if (typed.Length > 0) domain = ByteRangeSet.From(typed.Select(RangeOf)).Intersect(domain);
        if (parsed.GetValue(_domain) is { } file) domain = domain.Intersect(ScanFile.ReadDomain(file));
        if (parsed.GetValue(_allocated)) domain = domain.Intersect(AllocatedOf(parsed, out isKnown));
        foreach (Option option in (Option[])[_target.Volume, _target.LogDevice])
        {
            if (parsed.GetValue(_allocated) || parsed.GetResult(option) is not { Implicit: false }) continue;
            throw new CommandFailure($"{option.Name} is for --allocated", ExitBits.Usage);
        }

        if (domain.IsEmpty) throw new CommandFailure("scan: nothing of the device is to be read", ExitBits.Usage);
        return domain;
    }

    private ByteRangeSet AllocatedOf(ParseResult parsed, out bool isKnown)
    {
        if (KernelTarget.Open(_target, parsed) is { } kernel)
        {
            using (kernel)
            {
                ByteRangeSet found = kernel.FindAllocated();
                isKnown = kernel.SayGaps() == ExitBits.None;
                return found;
            }
        }

        using OpenedTarget target = TargetOpener.Open(_target, parsed, mustRecover: false);
        ByteRangeSet allocated = MetadataSpace.FindAllocated(target.Volume, out bool isWhole);
        var notes = new AnswerNotes(target);
        notes.Say(isWhole);
        isKnown = notes.Bits(isWhole) == ExitBits.None;
        return ByteRangeSet.From(allocated.SelectMany(target.ToTarget));
    }

    private static ByteRange RangeOf(string text) => RangeText.TryParse(text, out ByteRange range, out string problem)
        ? range
        : throw new CommandFailure($"--range {text}: {problem}", ExitBits.Usage);
}
