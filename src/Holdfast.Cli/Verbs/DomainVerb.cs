// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast domain: tells ddrescue what is worth reading.</summary>
internal sealed class DomainVerb : IVerb
{
    private readonly TargetOptions _target = new();
    private readonly RangeOptions _ranges = new();
    private readonly Option<bool> _metadata = new("--metadata")
    {
        Description = "Structures, directories, symlinks, attributes: what it takes to find files at all",
    };

    private readonly Option<bool> _allocated = new("--allocated") { Description = "Everything that is not free space" };

    private readonly Option<string[]> _files = new("--files")
    {
        HelpName = "GLOB",
        Description = "Files with such a path: * and ? within a name, ** across folders; a bare name is one anywhere",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _damaged = new("--damaged")
    {
        Description = "Of the bad ranges that are given, those that cost content or metadata",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Where to write the mapfile; stdout without",
    };

    public string Name => "domain";

    public string Description => "Write a ddrescue domain mapfile of what is worth reading";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast domain copy.img --mapfile copy.map --metadata -o domain.map &&\n"
            + "    ddrescue -m domain.map /dev/sdb copy.img copy.map", "One round; again until there is nothing left"),
        new("holdfast domain copy.img --mapfile copy.map --files '*.doc' -o domain.map", "Then what matters most"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        foreach (Option option in (Option[])[_metadata, _allocated, _files, _damaged, _output])
        {
            command.Options.Add(option);
        }

        _ranges.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string[] globs = parsed.GetValue(_files) ?? [];
        bool isDamaged = parsed.GetValue(_damaged);
        if (!parsed.GetValue(_metadata) && !parsed.GetValue(_allocated) && globs.Length == 0 && !isDamaged)
        {
            throw new CommandFailure("domain: choose --metadata, --allocated, --files or --damaged", ExitBits.Usage);
        }

        var reader = new RangeReader(_ranges, parsed, parsed.GetValue(_target.Target)!);
        GivenRanges given = reader.Read();
        if (isDamaged && !reader.IsAsked)
        {
            throw new CommandFailure("domain --damaged: no bad range given", ExitBits.Usage);
        }

        using OpenedTarget target = TargetOpener.Open(_target, parsed, given, mustRecover: false);
        XfsVolume volume = target.Volume;
        ByteRangeSet wanted = ByteRangeSet.Empty;
        bool complete = true;
        var notes = new AnswerNotes(target);
        if (parsed.GetValue(_metadata))
        {
            wanted = LogCheck.WithoutOldLog(target, notes.Log, Metadata(volume, ref complete));
        }

        if (parsed.GetValue(_allocated))
        {
            wanted = wanted.Union(MetadataSpace.FindAllocated(volume, out bool whole));
            complete &= whole;
        }

        if (globs.Length > 0) wanted = wanted.Union(OfFiles(volume, globs, ref complete));
        if (isDamaged) wanted = wanted.Union(Damaged(parsed, target, given, ref complete));
        notes.Say(complete);
        Write(parsed, target, given, OnTarget(target, wanted));
        return complete && notes.Gaps.Count == 0 ? ExitBits.None : ExitBits.Incomplete;
    }

    private static ByteRangeSet Metadata(XfsVolume volume, ref bool complete)
    {
        bool whole = true;
        ByteRangeSet found = Work.Run("reading inodes", p => MetadataSpace.Find(volume, out whole, p));
        complete &= whole;
        return found;
    }

    /// <summary>With the directories that could not be read: what they name is found once they are rescued.</summary>
    private static ByteRangeSet OfFiles(XfsVolume volume, string[] globs, ref bool complete)
    {
        GlobPattern[] patterns = [.. globs.Select(g => new GlobPattern(g))];
        PathAnswer paths = Work.Run("reading directories", _ => new PathFinder(volume).FindAll());
        ulong[] inodes = [.. paths.Inodes.Where(i => paths.Of(i).Any(p => patterns.Any(g => g.IsMatch(p))))];
        ByteRangeSet found = MetadataSpace.FindFiles(volume, inodes, out bool whole);
        complete &= whole && paths.IsComplete;
        var filesystem = new ByteRange(0, volume.Geometry.DataLength);
        IEnumerable<ByteRange> unread = volume.Faults.ToList()
            .Where(f => f is { Device: DeviceRole.Data, Field: "read" })
            .Select(f => new ByteRange(f.Offset, f.Length).Intersect(filesystem));
        return found.Union(ByteRangeSet.From(unread));
    }

    private ByteRangeSet Damaged(ParseResult parsed, OpenedTarget target, GivenRanges given, ref bool complete)
    {
        var locator = new Locator(target.Volume, !parsed.GetValue(_target.NoRmapbt));
        LocateAnswer answer = Work.Run("looking", p => locator.Locate(target.ToVolume(given.Bad.All).Inside, p));
        complete &= answer.IsComplete;
        return ByteRangeSet.From(answer.Impacts
            .Where(i => i.Severity != Severity.Harmless && i.Device == DeviceRole.Data)
            .Select(i => new ByteRange(i.Physical, i.Length)));
    }

    private static ByteRangeSet OnTarget(OpenedTarget target, ByteRangeSet wanted) =>
        ByteRangeSet.From(wanted.SelectMany(target.ToTarget));

    private void Write(ParseResult parsed, OpenedTarget target, GivenRanges given, ByteRangeSet domain)
    {
        long size = target.Length;
        string? file = parsed.GetValue(_output);
        DomainOutput.Write(file, parsed.GetValue(_target.Json), target.Path, domain, size);
        ByteRangeSet open = given.Distrusted(size);
        long missing = 0;
        foreach (ByteRange range in domain) foreach (ByteRange part in open.Within(range)) missing += part.Length;
        string rescued = given.Mapfiles.Count == 0 ? "" : $", {ByteText.Of(missing)} of it not rescued yet";
        string ranges = ByteText.Count(domain.Count, "range", "ranges");
        Program.Say($"{ByteText.Of(domain.TotalLength)} in {ranges} are worth reading{rescued}");
    }
}
