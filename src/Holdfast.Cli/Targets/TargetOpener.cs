// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Targets;

/// <summary>Opens what a verb was given, or ends the verb with the reason why not.</summary>
internal static class TargetOpener
{
    /// <param name="given">What must not be read; null where everything may be.</param>
    /// <exception cref="CommandFailure">In use, not there, or no XFS on it that can be meant.</exception>
    /// <param name="mustRecover">False: where the log cannot be recovered the device is taken as it is.</param>
    public static OpenedTarget Open(
        TargetOptions options, ParseResult parsed, GivenRanges? given = null, bool mustRecover = true)
    {
        string path = parsed.GetValue(options.Target)!;
        IBlockSource source = OpenDevice(path);
        if (given is not null)
        {
            if (given.DiskLength > source.Length) source = new RescuedCopySource(source, given.DiskLength);
            source = new DistrustingBlockSource(source, given.Distrusted(source.Length));
        }

        DeviceBlockSource? log = null;
        try
        {
            LayoutTree tree = DiskLayout.Discover(source, IsXfs);
            LayoutNode node = Choose(path, tree, parsed.GetValue(options.Volume));
            if (parsed.GetValue(options.LogDevice) is { } logPath) log = OpenDevice(logPath);
            var way = new WayToRecovery(options, parsed, mustRecover);
            string where = node == tree.Target ? path : $"{path}, {node.Name}";
            return new(path, source, log, tree, node, way.Open(where, node.Source!, log));
        }
        catch
        {
            log?.Dispose();
            source.Dispose();
            throw;
        }
    }

    /// <summary>A device or image that nobody else uses.</summary>
    public static DeviceBlockSource OpenDevice(string path)
    {
        if (DeviceInUse.Find(path, KernelRoots.Real) is { } use) throw new CommandFailure(use.ToString());
        try
        {
            return DeviceBlockSource.Open(path);
        }
        catch (IOException e)
        {
            throw new CommandFailure(e.Message);
        }
    }

    private static LayoutNode Choose(string path, LayoutTree tree, string? selector)
    {
        VolumeSelection selection = tree.Select(selector);
        LayoutNode? node = selection.Volume;
        // An XFS whose first sector is overwritten looks like nothing, but its other groups have copies of it.
        if (node is null && selector is null && tree.Target.IsVolume) node = tree.Target;
        return node?.Source is null ? throw new CommandFailure($"{path}: {selection.Reason}") : node;
    }

    private static bool IsXfs(IBlockSource source)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        return source.Length >= Superblock.SizeMin && source.Read(0, magic).IsNone
            && BinaryPrimitives.ReadUInt32BigEndian(magic) == Magic.Superblock;
    }
}
