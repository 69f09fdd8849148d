// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
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
        Use use = UseOf(path, options, parsed, out string? device, out string? logPath);
        IBlockSource source = OpenDevice(device ?? path, use);
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
            if (logPath is not null) log = OpenDevice(logPath, use);
            var way = new WayToRecovery(options, parsed, mustRecover);
            string where = node == tree.Target ? path : $"{path}, {node.Name}";
            return new(path, source, log, tree, node, way.Open(where, node.Source!, log)) { Use = use };
        }
        catch
        {
            log?.Dispose();
            source.Dispose();
            throw;
        }
    }

    /// <param name="known">Another use than none is known, and said with the answer.</param>
    private static DeviceBlockSource OpenDevice(string path, Use known)
    {
        if (Directory.Exists(path))
        {
            throw new CommandFailure($"{path} is a folder: give a device or image, or map a mount point of XFS");
        }

        if (known == Use.None && DeviceInUse.Find(path, KernelRoots.Real) is { } use)
        {
            throw new CommandFailure(use.ToString());
        }

        try
        {
            return DeviceBlockSource.Open(path);
        }
        catch (IOException e)
        {
            throw new CommandFailure(e.Message);
        }
    }

    /// <summary>Why a device may be read although others have it, where that is so.</summary>
    /// <param name="device">What to read where the target is a mount point.</param>
    /// <param name="log">The device of an external log.</param>
    private static Use UseOf(
        string path, TargetOptions options, ParseResult parsed, out string? device, out string? log)
    {
        device = null;
        log = parsed.GetValue(options.LogDevice);
        Mount? mount = MountedTarget.Find(path, KernelRoots.Real);
        bool isDown = mount is not null && MountedXfs.HasShutDown(mount);
        if (!isDown && !parsed.GetValue(options.ParseMounted)) return Use.None;
        if (mount is not null)
        {
            if (MountedTarget.IsPoint(path, mount, KernelRoots.Real))
            {
                device = BlockDevice.Find(KernelRoots.Real, mount.Device)?.Node;
            }

            log ??= mount.Option("logdev");
        }

        if (isDown) return Use.ShutDown;
        if (DeviceInUse.Find(device ?? path, KernelRoots.Real) is not { } use) return Use.None;
        Program.Say($"warning: {use.Reason}; what is read here is what the device held a while ago");
        return Use.InUse;
    }

    private static LayoutNode Choose(string path, LayoutTree tree, string? selector)
    {
        VolumeSelection selection = tree.Select(selector);
        LayoutNode? node = selection.Volume;
        // An XFS whose first sector is overwritten looks like nothing, but its other groups have copies of it.
        if (node is null && selector is null && tree.Target.IsVolume) node = tree.Target;
        return node?.Source is null ? throw new CommandFailure($"{path}: {selection.Reason}") : node;
    }

    /// <summary>Whether it begins as an XFS does; nothing is verified.</summary>
    public static bool IsXfs(IBlockSource source)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        return source.Length >= Superblock.SizeMin && source.Read(0, magic).IsNone
            && BinaryPrimitives.ReadUInt32BigEndian(magic) == Magic.Superblock;
    }
}
