// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Inspection;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;

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
        new("holdfast inode disk.img 133 --json | jq -c '.extents[]'", "Where its content lies"),
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

        using OpenedTarget target = TargetOpener.Open(_target, parsed, _ => ByteRangeSet.Empty);
        InodeDetails? inode = InodeDetailsReader.Read(target.Volume, new(number), out BlockFault fault);
        if (inode is null) throw new CommandFailure($"inode {number} cannot be believed: {InfoText.Word(fault)}");
        PathAnswer? paths = inode.IsFree ? null : Work.Run(
            "looking for its names", _ => new PathFinder(target.Volume).Find([new(number, inode.LinksWanted)]));
        IReadOnlyList<PathName> names = paths?.Of(number) ?? [];
        bool complete = inode.IsComplete && paths?.IsComplete is not false;
        Write(parsed, target, inode, names, complete);
        return complete ? ExitBits.None : ExitBits.Incomplete;
    }

    private void Write(
        ParseResult parsed, OpenedTarget target, InodeDetails inode, IReadOnlyList<PathName> names, bool complete)
    {
        using Stream output = DescriptorStream.OpenOutput();
        var notes = new AnswerNotes(_target, parsed, target);
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(output, Schema, target, notes, complete, json => WriteJson(json, inode, names));
            return;
        }

        using (IPage page = Terminal.OpenPage(output)) InodeText.Write(page, inode, names);
        notes.Say(complete);
    }

    private static void WriteJson(Utf8JsonWriter json, InodeDetails inode, IReadOnlyList<PathName> names)
    {
        json.WriteNumber("inode"u8, inode.Number);
        json.WriteNumber("physical"u8, inode.Physical);
        json.WriteBoolean("free"u8, inode.IsFree);
        if (inode.IsFree) return;
        json.WriteString("file_type"u8, inode.Type.Word());
        json.WriteString("mode"u8, InodeText.Octal(inode.Permissions));
        json.WriteNumber("file_size"u8, inode.Size);
        json.WriteNumber("blocks"u8, inode.Blocks);
        json.WriteNumber("links"u8, inode.Links);
        json.WriteNumber("uid"u8, inode.UserId);
        json.WriteNumber("gid"u8, inode.GroupId);
        json.WriteNumber("generation"u8, inode.Generation);
        if (inode.Modified is { } modified) json.WriteString("modified"u8, modified);
        json.WriteBoolean("realtime"u8, inode.IsRealtime);
        json.WriteBoolean("reflinked"u8, inode.IsReflinked);
        ImpactJson.WritePaths(json, names);
        json.WriteStartArray("extents"u8);
        foreach (InodeExtent extent in inode.Extents)
        {
            json.WriteStartObject();
            json.WriteString("fork"u8, Words.Of(extent.Fork));
            json.WriteNumber("offset"u8, extent.Offset);
            json.WriteNumber("physical"u8, extent.Physical);
            json.WriteNumber("length"u8, extent.Length);
            json.WriteBoolean("unwritten"u8, extent.Unwritten);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("attributes"u8);
        foreach (InodeAttribute attribute in inode.Attributes)
        {
            json.WriteStartObject();
            json.WriteString("namespace"u8, attribute.Namespace);
            json.WriteString("name"u8, attribute.Name.ToString());
            json.WriteNumber("value_length"u8, attribute.ValueLength);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
