// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Inspection;
using Holdfast.Xfs.OnDisk;

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

    public string Description => "Show what the block at a byte is, decoded";

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

        using OpenedTarget target = TargetOpener.Open(_target, parsed, _ => ByteRangeSet.Empty);
        long length = target.Volume.Geometry.DataLength;
        if (offset >= length) throw new CommandFailure($"byte {offset} is outside the filesystem, which has {length} bytes");
        DecodedBlock block = BlockDecoder.Decode(target.Volume, offset);
        var locator = new Locator(target.Volume, !parsed.GetValue(_target.NoRmapbt));
        LocateAnswer owners = Work.Run("looking", p => locator.Locate(ByteRangeSet.From([block.Bytes]), p));
        block = HeldAgainst(block, owners.Impacts);
        Write(parsed, target, block, owners);
        return owners.IsComplete && block.Fault.IsNone ? ExitBits.None : ExitBits.Incomplete;
    }

    /// <summary>What belongs to a structure and does not look like one is damaged, not content.</summary>
    private static DecodedBlock HeldAgainst(DecodedBlock block, IReadOnlyList<Impact> owners)
    {
        if (block.Structure != DecodedBlock.NoStructure) return block;
        Impact? owner = owners.FirstOrDefault(o => o is { BlockMap: true } or { Owner: OwnerKind.Ag or OwnerKind.Inodes
            or OwnerKind.InodeBtree or OwnerKind.RefcountBtree, Structure: not "free list block" });
        if (owner is null) return block;
        BlockFault fault = BlockFault.Bad("magic", "that of no structure");
        return block with { Structure = owner.Structure ?? Words.Of(owner.Owner), Fault = fault };
    }

    private void Write(ParseResult parsed, OpenedTarget target, DecodedBlock block, LocateAnswer owners)
    {
        using Stream output = DescriptorStream.OpenOutput();
        var notes = new AnswerNotes(_target, parsed, target);
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(output, Schema, target, notes, owners.IsComplete, j => WriteJson(j, block, owners.Impacts));
            return;
        }

        using (IPage page = Terminal.OpenPage(output)) BlockText.Write(page, target.Volume.Geometry, block, owners.Impacts);
        notes.Say(owners.IsComplete);
    }

    private static void WriteJson(Utf8JsonWriter json, DecodedBlock block, IReadOnlyList<Impact> owners)
    {
        json.WriteNumber("physical"u8, block.Bytes.Offset);
        json.WriteNumber("length"u8, block.Bytes.Length);
        json.WriteString("structure"u8, block.Structure);
        json.WriteBoolean("sound"u8, block.Fault.IsNone);
        if (!block.Fault.IsNone) json.WriteString("fault"u8, InfoText.Word(block.Fault));
        json.WriteStartObject("fields"u8);
        foreach (DecodedField field in block.Fields) json.WriteString(field.Name, field.Value);
        json.WriteEndObject();
        ReportJson.WriteTexts(json, "rows"u8, block.Rows);
        json.WriteStartArray("owners"u8);
        foreach (Impact owner in owners) ImpactJson.Write(json, owner);
        json.WriteEndArray();
    }
}
