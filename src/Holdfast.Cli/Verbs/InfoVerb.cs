// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Xfs.Describe;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast info: geometry, features, the log, the health of every header.</summary>
internal sealed class InfoVerb : IVerb
{
    private const string Schema = "holdfast.info/1";

    private readonly TargetOptions _target = new();

    public string Name => "info";

    public string Description => "Geometry, features, log state and the health of every group's headers";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast info /dev/sdb2", "Is this the filesystem, and are its headers sound?"),
        new("holdfast info disk.img --json | jq '.groups[] | select(.sound | not)'", "The groups that are hurt"),
    ];

    public void AddTo(Command command) => _target.AddTo(command);

    public ExitBits Run(ParseResult parsed)
    {
        using OpenedTarget target = TargetOpener.Open(_target, parsed);
        XfsVolume volume = target.Volume;
        var groups = new List<GroupHealth>();
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++) groups.Add(GroupHealth.Read(volume, ag));
        Leftovers leftovers = Leftovers.Read(target.Recovered);
        var notes = new AnswerNotes(target);
        bool sound = groups.TrueForAll(g => g.IsSound);
        using Stream output = DescriptorStream.OpenOutput();
        if (parsed.GetValue(_target.Json))
        {
            JsonAnswer.Write(
                output, Schema, target, notes, sound, json => WriteJson(json, target, groups, leftovers));
        }
        else
        {
            using IPage page = Terminal.OpenPage(output);
            InfoText.Write(page, target, notes, groups, leftovers);
        }

        return sound && notes.Gaps.Count == 0 ? ExitBits.None : ExitBits.Incomplete;
    }

    private static void WriteJson(
        Utf8JsonWriter json, OpenedTarget target, List<GroupHealth> groups, Leftovers leftovers)
    {
        Geometry geometry = target.Volume.Geometry;
        json.WriteStartObject("geometry"u8);
        json.WriteNumber("version"u8, geometry.Features.Version);
        json.WriteNumber("block_size"u8, geometry.BlockSize);
        json.WriteNumber("sector_size"u8, geometry.SectorSize);
        json.WriteNumber("inode_size"u8, geometry.InodeSize);
        json.WriteNumber("directory_block_size"u8, geometry.DirectoryBlockSize);
        json.WriteNumber("data_blocks"u8, geometry.DataBlocks);
        json.WriteNumber("ag_count"u8, geometry.AgCount);
        json.WriteNumber("ag_blocks"u8, geometry.AgBlocks);
        json.WriteNumber("log_blocks"u8, geometry.LogBlocks);
        json.WriteNumber("realtime_blocks"u8, geometry.RealtimeBlocks);
        json.WriteEndObject();
        ReportJson.WriteTexts(json, "features"u8, geometry.Features.Names);
        json.WriteString("log"u8, LogCheck.Word(target.Recovered.Log));
        LogJson.WriteState(json, "log_state"u8, target.Recovered.Ready);
        json.WriteStartArray("groups"u8);
        foreach (GroupHealth group in groups)
        {
            json.WriteStartObject();
            json.WriteNumber("group"u8, group.Group);
            json.WriteBoolean("sound"u8, group.IsSound);
            json.WriteString("superblock"u8, InfoText.Word(group.Superblock));
            json.WriteString("agf"u8, InfoText.Word(group.Free));
            json.WriteString("agi"u8, InfoText.Word(group.Inodes));
            json.WriteString("agfl"u8, InfoText.Word(group.FreeList));
            if (group.FreeBlocks is { } free) json.WriteNumber("free_bytes"u8, (long)free * geometry.BlockSize);
            if (group.InodeCount is { } count) json.WriteNumber("inodes"u8, count);
            if (group.FreeInodes is { } unused) json.WriteNumber("free_inodes"u8, unused);
            json.WriteNumber("unlinked_lists"u8, group.UnlinkedLists);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("unlinked_inodes"u8);
        foreach (UnlinkedInode inode in leftovers.Unlinked)
        {
            json.WriteStartObject();
            json.WriteNumber("inode"u8, inode.Number.Value);
            json.WriteString("type"u8, inode.Type.Word());
            json.WriteNumber("size"u8, inode.Size);
            json.WriteNumber("blocks"u8, inode.Blocks);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("cow_leftover_bytes"u8, leftovers.CowBytes);
    }
}
