// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast cat: a file's content, out of a filesystem that cannot be mounted.</summary>
internal sealed class CatVerb : IVerb
{
    private readonly TargetOptions _target = new();
    private readonly RangeOptions _ranges = new();
    private readonly Argument<string> _file = new("FILE") { Description = FileArgument.Help };
    private readonly Option<string> _fill = new("--fill")
    {
        HelpName = "BYTE",
        Description = "What stands for bytes that cannot be had: 0 to 255, or 0x00 to 0xff",
        DefaultValueFactory = _ => "0",
    };

    public string Name => "cat";

    public string Description => "Write a file's content to stdout; what is lost is filled and named on stderr";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast cat crashed.img home/anna/thesis.tex > thesis.tex", "As a mount would read it"),
        new("holdfast cat rescued.img accounts.db --mapfile rescue.map --fill 0x2d > accounts.db",
            "What could not be rescued shown as -"),
        new("holdfast cat disk.img 139 > found.139", "By inode number"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Arguments.Add(_file);
        command.Options.Add(_fill);
        _ranges.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        if (parsed.GetValue(_target.Json)) throw new CommandFailure("cat: no --json: a file is bytes", ExitBits.Usage);
        byte fill = Fill(parsed.GetValue(_fill)!);
        GivenRanges given = new RangeReader(_ranges, parsed, parsed.GetValue(_target.Target)!).Read();
        using OpenedTarget target = TargetOpener.Open(_target, parsed, given);
        string name = parsed.GetValue(_file)!;
        FileEntry file = FileArgument.Find(new FileTree(target.Volume), name);
        CheckIsReadable(file, name);
        var content = new FileContent(target.Volume, fill);
        using (Stream output = DescriptorStream.OpenOutput()) content.CopyTo(output, file.Inode);
        foreach (LostContent lost in content.Lost)
        {
            Program.Say($"{name}: bytes {lost.Range.Offset}–{lost.Range.End - 1}: {lost.Why}");
        }

        var notes = new AnswerNotes(target);
        foreach (string gap in notes.Gaps) Program.Say($"incomplete: {gap}");
        return (content.Lost.Count > 0 ? ExitBits.FileData : ExitBits.None)
            | (notes.Gaps.Count > 0 ? ExitBits.Incomplete : ExitBits.None);
    }

    private static void CheckIsReadable(FileEntry file, string name)
    {
        string? why = file.Type switch
        {
            FileType.Directory => "is a directory (holdfast ls lists it)",
            FileType.Symlink => "is a symlink to "
                + $"{(file.Target is { } to ? VisibleText.Of(to) : "what cannot be read")}, which is not followed",
            FileType.Regular when file.IsRealtime => "its content lies on the realtime device, which is not read",
            FileType.Regular => null,
            _ => $"is a {file.Type.Word()}: it has no content",
        };
        if (why is not null) throw new CommandFailure($"{name}: {why}");
    }

    private static byte Fill(string text)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isNumber = isHex
            ? byte.TryParse(
                text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return isNumber ? value : throw new CommandFailure($"--fill {text}: not a byte", ExitBits.Usage);
    }
}
