// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ls: a directory, out of a filesystem that cannot be mounted.</summary>
internal sealed class LsVerb : IVerb
{
    private const string Schema = "holdfast.ls/1";

    private readonly TargetOptions _target = new();
    private readonly RangeOptions _ranges = new();
    private readonly Argument<string> _file = new("FILE")
    {
        Description = FileArgument.Help,
        DefaultValueFactory = _ => "/",
    };

    public string Name => "ls";

    public string Description => "List a directory with its inode numbers, as ls -li would after a mount";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast ls crashed.img", "The root"),
        new("holdfast ls crashed.img home/anna", "A directory; a file lists itself"),
        new("holdfast ls disk.img 128 --json | jq -r '.entries[].name'", "Names alone"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Arguments.Add(_file);
        _ranges.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        GivenRanges given = new RangeReader(_ranges, parsed, parsed.GetValue(_target.Target)!).Read();
        using OpenedTarget target = TargetOpener.Open(_target, parsed, given);
        var tree = new FileTree(target.Volume);
        FileEntry asked = FileArgument.Find(tree, parsed.GetValue(_file)!);
        bool complete = true;
        IReadOnlyList<FileEntry> entries = asked.Type == FileType.Directory
            ? tree.List(asked.Inode, out complete)
            : [asked];
        complete &= !target.Volume.Faults.HasOpenFaults;
        var notes = new AnswerNotes(target);
        using Stream output = DescriptorStream.OpenOutput();
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(output, Schema, target, notes, complete, json => FileListing.Write(json, asked, entries));
        }
        else
        {
            using (IPage page = Terminal.OpenPage(output)) FileListing.Write(page, entries);
            notes.Say(complete);
        }

        return notes.Bits(complete);
    }
}
