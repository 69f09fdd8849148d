// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast stack: draws what a device lies on and what lies on it, and carries ranges through.</summary>
internal sealed class StackVerb : IVerb
{
    private readonly Argument<string> _device = new("DEVICE")
    {
        Description = "A block device, the image under a loop device, or the mount point of an XFS",
    };

    private readonly Option<string[]> _range = new("--range")
    {
        HelpName = "OFFSET+LENGTH",
        Description = "Where these bytes of the device lie below it, what they are above it, and in which files",
    };

    private readonly Option<bool> _json = new("--json") { Description = "For programs; docs/ has the schemas" };

    public string Name => "stack";

    public string Description => "Draw the devices that a device lies on, and those that lie on it";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast stack /dev/sdb", "Partitions, volumes, arrays and mounts on a disk"),
        new("holdfast stack /dev/sdb --range 1G+4K", "Which of them a bad range reaches, and the files in each"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_device);
        command.Options.Add(_range);
        command.Options.Add(_json);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string typed = parsed.GetValue(_device)!;
        string device = KernelTarget.DeviceOf(typed);
        StackNode? node = DeviceGraph.Of(
            device, KernelRoots.Real, at => MapperControl.TableOf(at, KernelRoots.Real));
        if (node is null) throw new CommandFailure($"{typed}: no block device, nor a file under one");
        string[] ranges = parsed.GetValue(_range) ?? [];
        ByteRangeSet? asked = ranges.Length == 0 ? null : ByteRangeSet.From(ranges.Select(RangeOf));
        var drawing = new StackDrawing(node, asked, MountedHits.Of);
        using Stream output = DescriptorStream.OpenOutput();
        if (parsed.GetValue(_json))
        {
            StackJson.Write(output, drawing);
            return ExitBits.None;
        }

        using IPage page = Terminal.OpenPage(output);
        StackText.Write(page, drawing);
        return ExitBits.None;
    }

    private static ByteRange RangeOf(string text) => RangeText.TryParse(text, out ByteRange range, out string problem)
        ? range
        : throw new CommandFailure($"--range {text}: {problem}", ExitBits.Usage);
}
