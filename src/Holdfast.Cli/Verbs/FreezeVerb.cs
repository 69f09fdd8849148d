// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Runtime.InteropServices;
using Holdfast.Cli.Input;
using Holdfast.Linux.Freezing;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast freeze: no write to a filesystem for a bounded time, and a thaw whatever happens.</summary>
internal sealed class FreezeVerb : IVerb
{
    private readonly Argument<string> _point = new("MOUNT_POINT")
    {
        Description = "The mount point itself; not a folder in it, nor its device",
    };

    private readonly Option<string> _for = new("--for")
    {
        HelpName = "TIME",
        Required = true,
        Description = "How long: 30s, 5m; at most 10m",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say whether it would be done" };

    private readonly ConfigOption _config = new();

    private volatile bool _isTold;

    public string Name => "freeze";

    public string Description => "Let nothing be written to a filesystem for a while, and thaw it whatever happens";

    public IReadOnlyList<string>? ExitStatus =>
        ["0 it was frozen, and is thawed; 8 refused, or the freeze ended early; 16 the command line makes no sense."];

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast freeze /srv --for 30s", "Ended before (Ctrl-C), it thaws at once"),
        new("holdfast freeze /srv --for 5m --dry-run", "Would it be done?"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_point);
        foreach (Option option in (Option[])[_for, _dryRun]) command.Options.Add(option);
        _config.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string typed = parsed.GetValue(_for)!;
        if (!DurationText.TryParse(typed, out TimeSpan duration) || duration <= TimeSpan.Zero
            || duration > Freezer.DurationMax)
        {
            throw new CommandFailure($"--for {typed}: a time like 30s or 5m, at most 10m", ExitBits.Usage);
        }

        string point = parsed.GetValue(_point)!;
        Mount mount = _config.MountToActOn(parsed, point, Name);
        if (Users.Effective != 0) throw new CommandFailure($"{point}: only root may freeze a filesystem");
        if (parsed.GetValue(_dryRun))
        {
            Program.Say($"dry run: {point} would be frozen for {DurationText.Of(duration)}");
            return ExitBits.None;
        }

        return Freeze(mount, point, duration);
    }

    private ExitBits Freeze(Mount mount, string point, TimeSpan duration)
    {
        PosixSignal[] ends = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
        PosixSignalRegistration[] registered = [.. ends.Select(signal => PosixSignalRegistration.Create(
            signal,
            context =>
            {
                // Thawing comes first; the process ends by itself after that.
                context.Cancel = true;
                _isTold = true;
            }))];
        try
        {
            FreezeEnd end;
            using (Freezer freezer = Freezer.Begin(mount, duration, ProgramOf()))
            {
                Program.Say($"{point} is frozen for {DurationText.Of(duration)}; process {freezer.DeadManProcess} "
                    + "thaws it if this one ends");
                end = freezer.Hold(() => _isTold);
            }

            Program.Say(end switch
            {
                FreezeEnd.Unwatched => $"{point} is thawed early: the process that watched this one has ended",
                FreezeEnd.Told => $"{point} is thawed early, as told",
                _ => $"{point} is thawed",
            });
            return end == FreezeEnd.Unwatched ? ExitBits.Failed : ExitBits.None;
        }
        finally
        {
            foreach (PosixSignalRegistration one in registered) one.Dispose();
        }
    }

    /// <summary>What starts this program once more.</summary>
    private static string[] ProgramOf()
    {
        string path = Environment.ProcessPath ?? throw new CommandFailure("freeze: this program cannot be found");
        string library = Path.Combine(AppContext.BaseDirectory, "holdfast.dll");
        return Path.GetFileName(path) == "dotnet" ? [path, library] : [path];
    }
}
