// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast map: prints who owns what, all of it.</summary>
internal sealed class MapVerb : IVerb
{
    private readonly TargetOptions _target = new();

    public string Name => "map";

    public string Description => "Print the whole reverse map: who owns which bytes";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast map disk.img | less", "In columns, in the order of the device"),
        new("holdfast map disk.img --json | jq -c 'select(.inode == 133)'", "What one inode owns"),
    ];

    public void AddTo(Command command) => _target.AddTo(command);

    public ExitBits Run(ParseResult parsed)
    {
        using OpenedTarget target = TargetOpener.Open(_target, parsed);
        using Stream output = DescriptorStream.OpenOutput();
        var writer = new MapWriter(
            output, parsed.GetValue(_target.Json), target.Recovered.Finished.AllocatedByRecovery);
        writer.Heading();
        var map = new ReverseMap(target.Volume, !parsed.GetValue(_target.NoRmapbt));
        bool complete = Work.Run("reading inodes", progress => map.ForEachRow(writer.Write, progress));
        writer.Flush();
        var notes = new AnswerNotes(target);
        notes.Say(complete);
        return notes.Bits(complete);
    }
}
