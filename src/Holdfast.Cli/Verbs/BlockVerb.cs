// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;
using Holdfast.Xfs.Describe;
using Holdfast.Xfs.Impacts;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast block: who owns the block at a byte, what it is and what it holds.</summary>
internal sealed class BlockVerb : IVerb
{
    private const string Schema = "holdfast.block/1";

    private readonly TargetOptions _target = new();
    private readonly Argument<string> _offset = new("OFFSET")
    {
        Description = "Byte of the filesystem's device; K, M, G… are powers of 1024",
    };

    public string Name => "block";

    public string Description => "Show what the block at a byte is, decoded, and who owns it";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast block disk.img 0", "The superblock"),
        new("holdfast block disk.img 32868K", "What lies at this byte?"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Arguments.Add(_offset);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string text = parsed.GetValue(_offset)!;
        if (!RangeText.TryParseSize(text, out long offset, out string problem))
        {
            throw new CommandFailure($"{text}: {problem}", ExitBits.Usage);
        }

        using OpenedTarget target = TargetOpener.Open(_target, parsed);
        long length = target.Volume.Geometry.DataLength;
        if (offset >= length) throw new CommandFailure($"byte {offset} is outside the filesystem of {length} bytes");
        Description block = BlockDescriber.Describe(target.Volume, offset);
        var bytes = ByteRangeSet.From([new(offset, 1)]);
        var locator = new Locator(target.Volume, !parsed.GetValue(_target.NoRmapbt));
        LocateAnswer owners = Work.Run("looking", p => locator.Locate(bytes, p));
        Write(parsed, target, block, owners);
        bool complete = owners.IsComplete && block.IsSound() && target.Use != Use.InUse;
        return complete ? ExitBits.None : ExitBits.Incomplete;
    }

    private void Write(ParseResult parsed, OpenedTarget target, Description block, LocateAnswer owners)
    {
        using Stream output = DescriptorStream.OpenOutput();
        var notes = new AnswerNotes(target);
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(
                output, Schema, target, notes, owners.IsComplete, json => WriteJson(json, block, owners.Impacts));
            return;
        }

        using (IPage page = Terminal.OpenPage(output))
        {
            string[] lines = [.. owners.Impacts.Select(OwnerText.Of)];
            DescriptionText.Write(page, block, lines);
        }

        notes.Say(owners.IsComplete);
    }

    private static void WriteJson(Utf8JsonWriter json, Description block, IReadOnlyList<Impact> owners)
    {
        DescriptionJson.Write(json, block);
        json.WriteStartArray("owners"u8);
        foreach (Impact owner in owners) ImpactJson.Write(json, owner);
        json.WriteEndArray();
    }
}
