// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast holders moved and copied: what a filesystem is that looks like another one elsewhere.</summary>
internal sealed class HoldersJudgeVerb(bool isMoved) : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<long> _instance = new("INSTANCE")
    {
        Description = "Its number, as holders list gives it",
    };

    public string Name => isMoved ? "moved" : "copied";

    public string Description => isMoved
        ? "Say that a candidate is the filesystem itself, on another device now (root)"
        : "Say that a candidate is a copy, a filesystem of its own (root)";

    public IReadOnlyList<Example> Examples => isMoved
        ? [new("holdfast holders moved 2", "What waits for the old one is replayed here")]
        : [new("holdfast holders copied 3", "The old one's failures are none of its business")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_instance);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        long instance = parsed.GetValue(_instance);
        _daemon.Do(
            parsed, client => client.JudgeInstanceAsync(instance, isMoved),
            json =>
            {
                json.WriteNumber("instance"u8, instance);
                json.WriteString("is"u8, Name);
            });
        return ExitBits.None;
    }
}
