// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Cli.Targets;

/// <summary>A mounted filesystem that the kernel answers for, and what it does not answer.</summary>
internal sealed class KernelTarget : IDisposable
{
    private readonly MountedXfs _xfs;
    private readonly List<string> _gaps = [];
    private readonly List<string> _notes = [];

    private KernelTarget(MountedXfs xfs)
    {
        _xfs = xfs;
        string point = xfs.Mount.MountPoint;
        _notes.Add($"the filesystem is mounted at {point}: the kernel was asked");
        if (xfs.IsUnrecovered) _gaps.Add($"{point} is mounted norecovery: what only its log knows is missing");
        if (!MountedXfs.IsTold) _gaps.Add("the kernel tells only root who owns what");
    }

    public ReportVolume Report => new()
    {
        Uuid = _xfs.Geometry.Uuid,
        Label = _xfs.ReadLabel(),
        Offset = 0,
        Length = _xfs.Geometry.DataLength,
        BlockSize = _xfs.Geometry.BlockSize,
    };

    /// <summary>Why less is known than should be.</summary>
    public IReadOnlyList<string> Gaps => _gaps;

    /// <summary>The answer is not less complete for them.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The kernel itself knows who owns what.</summary>
    public bool HasReverseMap => _xfs.Geometry.HasRmapbt;

    /// <summary>The device that stat(2) shows for its files.</summary>
    public DeviceNumber Device => _xfs.Mount.Device;

    /// <summary>The device that a target lies on, where it is named by its mount point; else as it was typed.</summary>
    public static string DeviceOf(string target) =>
        MountedTarget.Find(target, KernelRoots.Real) is { } mount
        && MountedTarget.IsPoint(target, mount, KernelRoots.Real)
            ? BlockDevice.Find(KernelRoots.Real, mount.Device)?.Node ?? target
            : target;

    /// <returns>Null where it is not mounted, is to be parsed all the same, or has shut down.</returns>
    /// <exception cref="CommandFailure">An option makes no sense for it, or the kernel refuses.</exception>
    public static KernelTarget? Open(TargetOptions options, ParseResult parsed)
    {
        if (parsed.GetValue(options.ParseMounted)) return null;
        if (MountedTarget.Find(parsed.GetValue(options.Target)!, KernelRoots.Real) is not { } mount) return null;
        if (MountedXfs.HasShutDown(mount)) return null;
        Option[] ofParsing =
        [
            options.View, options.NoRecovery, options.LogDevice, options.RealtimeDevice, options.NoRmapbt,
            options.Volume,
        ];
        foreach (Option option in ofParsing)
        {
            if (parsed.GetResult(option) is not { Implicit: false }) continue;
            throw new CommandFailure(
                $"{option.Name}: {mount.MountPoint} is mounted, and the kernel answers for it as it is",
                ExitBits.Usage);
        }

        return Asked(() => new KernelTarget(MountedXfs.Open(mount)));
    }

    /// <returns>Null where no XFS is mounted from the device, or it has shut down.</returns>
    /// <exception cref="CommandFailure">The kernel refuses.</exception>
    public static KernelTarget? Open(string device) =>
        MountedTarget.Find(device, KernelRoots.Real) is { } mount && !MountedXfs.HasShutDown(mount)
            ? Asked(() => new KernelTarget(MountedXfs.Open(mount)))
            : null;

    /// <summary>Where the kernel keeps no reverse map, from all inodes.</summary>
    public MountedIndex? BuildIndex()
    {
        if (!MountedXfs.IsTold) return null;
        MountedIndex index = Asked(() =>
            Work.Run("reading inodes", progress => MountedIndex.Build(_xfs, progress)));
        _gaps.Add(
            $"{_xfs.Mount.MountPoint} has no rmapbt: this was put together inode by inode. What changed meanwhile "
            + "may be missing, and the kernel shows no block maps, symlinks, nor the filesystem's own inodes");
        if (index.Unread > 0)
        {
            _gaps.Add($"{ByteText.Count(index.Unread, "inode", "inodes")} with blocks could not be looked at");
        }

        return index;
    }

    /// <param name="index">Null: the kernel's rows as they are.</param>
    public void ForEachRow(MountedIndex? index, Action<MapRow> each) => Asked(() =>
    {
        var space = new SpaceMap(_xfs);
        if (index is null) space.ForEach(each);
        else index.ForEach(space, each);
        return true;
    });

    /// <summary>What is not free; bytes of its data device.</summary>
    public ByteRangeSet FindAllocated() => Asked(() => AllocatedSpace.Of(_xfs));

    /// <param name="bad">Bytes of its data device.</param>
    /// <param name="withUsers">Whether to look which processes use what is hit.</param>
    public MountedAnswer Locate(ByteRangeSet bad, bool withUsers = true)
    {
        // Without root's rights the kernel says nothing but what is free.
        MountedIndex? index = HasReverseMap ? null : BuildIndex();
        return Asked(() => Work.Run("looking", _ =>
        {
            MountedAnswer answer = new MountedLocator(_xfs, index).Locate(DeviceRole.Data, bad);
            if (!withUsers) return answer;
            IReadOnlyList<Impact> impacts = MountedUsers.Add(_xfs, answer.Impacts, out int unread);
            if (unread > 0) _notes.Add($"{ByteText.Count(unread, "process", "processes")} could not be looked at");
            return answer with { Impacts = impacts };
        }));
    }

    /// <summary>Opens a file of it to be read beside others: see <see cref="MountedFile"/>.</summary>
    /// <returns>Null where it is gone, or cannot be opened without waiting.</returns>
    public DeviceBlockSource? OpenFile(MountedInode inode, string name) =>
        Asked(() => MountedFile.Open(_xfs, inode, name));

    /// <summary>Says on stderr what is not known.</summary>
    public ExitBits SayGaps()
    {
        foreach (string gap in _gaps) Program.Say($"incomplete: {gap}");
        return _gaps.Count == 0 ? ExitBits.None : ExitBits.Incomplete;
    }

    public void Dispose() => _xfs.Dispose();

    private static T Asked<T>(Func<T> question)
    {
        try
        {
            return question();
        }
        catch (Exception refusal) when (refusal is KernelRefusal or InvalidDataException)
        {
            throw new CommandFailure(refusal.Message);
        }
    }
}
