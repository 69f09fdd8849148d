// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Linux.Mounted;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast map: prints who owns what, all of it.</summary>
internal sealed class MapVerb : IVerb
{
    private readonly TargetOptions _target = new(asksKernel: true);
    private readonly Option<bool> _kernelRows = new("--kernel-rows")
    {
        Description = "Of a mounted filesystem without an rmapbt, only what the kernel itself says: used and free",
    };

    public string Name => "map";

    public string Description => "Print the whole reverse map: who owns which bytes";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast map disk.img | less", "In columns, in the order of the device"),
        new("holdfast map /srv", "Of a mounted filesystem: the kernel is asked"),
        new("holdfast map disk.img --json | jq -c 'select(.inode == 133)'", "What one inode owns"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        command.Options.Add(_kernelRows);
    }

    public ExitBits Run(ParseResult parsed)
    {
        if (KernelTarget.Open(_target, parsed) is { } kernel)
        {
            using (kernel) return OfMounted(kernel, parsed);
        }

        if (parsed.GetValue(_kernelRows)) throw new CommandFailure("--kernel-rows: it is not mounted", ExitBits.Usage);
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

    private ExitBits OfMounted(KernelTarget target, ParseResult parsed)
    {
        MountedIndex? index = target.HasReverseMap || parsed.GetValue(_kernelRows) ? null : target.BuildIndex();
        using Stream output = DescriptorStream.OpenOutput();
        var writer = new MapWriter(output, parsed.GetValue(_target.Json), ByteRangeSet.Empty);
        writer.Heading();
        target.ForEachRow(index, writer.Write);
        writer.Flush();
        return target.SayGaps();
    }
}
