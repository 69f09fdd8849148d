// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast policy guard: may a script act on this filesystem, or this unit?</summary>
internal sealed class PolicyGuardVerb : IDaemonVerb
{
    private readonly Argument<string?> _point = new("MOUNT_POINT")
    {
        Description = "A mount point that something is to be done to",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _unit = new("--unit")
    {
        HelpName = "UNIT",
        Description = "A systemd unit that is to be stopped, by its full name; several times for several",
    };

    private readonly ConfigOption _config = new();

    public string Name => "guard";

    public string Description => "Ask whether a script may act: not on what Holdfast needs, nor on protected units";

    public IReadOnlyList<string>? ExitStatus =>
        ["0 it may be acted on; 8 it must be left alone, and why; 16 the command line makes no sense."];

    public IReadOnlyList<Example> Examples =>
        [new("holdfast policy guard --unit cron.service && echo free", "May a script stop it?")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_point);
        command.Options.Add(_unit);
        _config.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string? point = parsed.GetValue(_point);
        string[] units = parsed.GetValue(_unit) ?? [];
        if (point is null && units.Length == 0)
        {
            throw new CommandFailure("policy guard: a mount point or --unit is needed", ExitBits.Usage);
        }

        var limits = _config.Read(parsed).Acting;
        foreach (string unit in units)
        {
            if (limits.Protects(unit)) throw new CommandFailure($"{unit} is protected: left alone");
        }

        if (point is not null) _config.MountToActOn(parsed, point, "acting on it");
        return ExitBits.None;
    }
}
