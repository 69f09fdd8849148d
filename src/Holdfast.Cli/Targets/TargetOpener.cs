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
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Targets;

/// <summary>Opens what a verb was given, or ends the verb with the reason why not.</summary>
internal static class TargetOpener
{
    /// <param name="given">What must not be read; null where everything may be.</param>
    /// <exception cref="CommandFailure">In use, not there, or no XFS on it that can be meant.</exception>
    public static OpenedTarget Open(TargetOptions options, ParseResult parsed, GivenRanges? given = null)
    {
        string path = parsed.GetValue(options.Target)!;
        IBlockSource source = OpenDevice(path);
        if (given is not null)
        {
            if (given.DiskLength > source.Length) source = new RescuedCopySource(source, given.DiskLength);
            source = new DistrustingBlockSource(source, given.Distrusted(source.Length));
        }

        try
        {
            return Choose(path, source, parsed.GetValue(options.Volume));
        }
        catch
        {
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

    private static OpenedTarget Choose(string path, IBlockSource source, string? selector)
    {
        LayoutTree tree = DiskLayout.Discover(source, IsXfs);
        VolumeSelection selection = tree.Select(selector);
        LayoutNode? node = selection.Volume;
        // An XFS whose first sector is overwritten looks like nothing, but its other groups have copies of it.
        if (node is null && selector is null && tree.Target.IsVolume) node = tree.Target;
        if (node?.Source is null) throw new CommandFailure($"{path}: {selection.Reason}");
        XfsVolume? volume = XfsVolume.Open(node.Source, out BlockFault fault);
        if (volume is not null) return new(path, source, tree, node, volume);
        string where = node == tree.Target ? path : $"{path}, {node.Name}";
        throw new CommandFailure($"{where}: no XFS that can be read: {Text(fault)}");
    }

    private static bool IsXfs(IBlockSource source)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        return source.Length >= Superblock.SizeMin && source.Read(0, magic).IsNone
            && BinaryPrimitives.ReadUInt32BigEndian(magic) == Magic.Superblock;
    }

    private static string Text(BlockFault fault) => fault.Wanted.Length == 0
        ? $"{fault.Field}: {fault.Found}"
        : $"{fault.Field} is {fault.Found}, wanted {fault.Wanted}";
}
