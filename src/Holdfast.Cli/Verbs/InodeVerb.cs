// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Xfs.Describe;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast inode: what one inode says, where its content lies, what it is called.</summary>
internal sealed class InodeVerb : IVerb
{
    private const string Schema = "holdfast.inode/1";

    private readonly TargetOptions _target = new();
    private readonly Argument<string> _inode = new("INO") { Description = "Inode number, as ls -i shows it" };

    public string Name => "inode";

    public string Description => "Show one inode: its paths, its extents, its attributes";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast inode disk.img 133", "What is inode 133?"),
        new("holdfast inode disk.img 133 --json | jq -r '.tables[] | select(.title == \"paths\") | .rows[][0]'",
            "Only its paths"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Arguments.Add(_inode);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string text = parsed.GetValue(_inode)!;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            throw new CommandFailure($"{text}: not an inode number", ExitBits.Usage);
        }

        using OpenedTarget target = TargetOpener.Open(_target, parsed);
        Description? inode = Work.Run("looking", _ => InodeDescriber.Describe(target.Volume, new(number)));
        if (inode is null) throw new CommandFailure($"{target.Volume.Faults.ToList()[^1]}");
        bool complete = !target.Volume.Faults.HasOpenFaults;
        var notes = new AnswerNotes(target);
        using Stream output = DescriptorStream.OpenOutput();
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(output, Schema, target, notes, complete, json => DescriptionJson.Write(json, inode));
        }
        else
        {
            using (IPage page = Terminal.OpenPage(output)) DescriptionText.Write(page, inode);
            notes.Say(complete);
        }

        return notes.Bits(complete);
    }
}
