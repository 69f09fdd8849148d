// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Processes;

namespace Holdfast.Cli.Images;

/// <summary>An image in a mounted filesystem: others may write to it, and loop devices may have it mounted.</summary>
internal sealed class MountedImage : IImage
{
    private const int WritersShownMax = 3;

    private readonly DamagedFile _file;
    private readonly FileIdentity _identity;
    private readonly IReadOnlyList<BlockDevice> _loops;
    private readonly List<string> _untold = [];
    private IReadOnlyList<string>? _gaps;

    /// <param name="source">Owned.</param>
    /// <param name="loops">The loop devices that have it open.</param>
    public MountedImage(
        DeviceBlockSource source, DamagedFile file, FileIdentity identity, IReadOnlyList<BlockDevice> loops)
    {
        _file = file;
        _identity = identity;
        _loops = loops;
        Source = new DistrustingBlockSource(source, file.Lost);
        Mounted = [.. _loops.SelectMany(PartsOn)];
    }

    public IBlockSource Source { get; }

    public IReadOnlyList<MountedPart> Mounted { get; }

    public IReadOnlyList<string> Gaps => _gaps ??= [.. _untold, .. WriterGap()];

    public ImageUse UseAt(long offset)
    {
        var use = Use.None;
        foreach (BlockDevice loop in _loops)
        {
            foreach (CarriedRange at in LoopCarriers.Of(loop, ByteRangeSet.From([new(offset, 1)])))
            {
                if (at.Ranges is null) return new(use, Refusal: $"where {at.Node.Name} has it cannot be followed");
                if (at.Node.Mounted is not null)
                {
                    Mount? mount = MountedTarget.Find(at.Node.Name, KernelRoots.Real);
                    if (mount is null) return new(use, Refusal: $"{at.Node.Name} is {at.Node.Mounted}");
                    if (!MountedXfs.HasShutDown(mount)) return new(use, IsMounted: true);
                    use = Use.ShutDown;
                }
                else if (at.IsTop && DeviceInUse.Find(at.Node.Name, KernelRoots.Real) is { } found)
                {
                    return new(use, Refusal: found.Reason);
                }
            }
        }

        return new(use);
    }

    public void Dispose() => Source.Dispose();

    private List<MountedPart> PartsOn(BlockDevice loop)
    {
        var parts = new List<MountedPart>();
        ByteRangeSet none = ByteRangeSet.Empty;
        ILookup<string, CarriedRange> exact = LoopCarriers.Of(loop, _file.Exact).ToLookup(at => at.Node.Name);
        foreach (CarriedRange at in LoopCarriers.Of(loop, _file.Lost))
        {
            string device = at.Node.Name;
            if (at.Ranges is not { } lost) _untold.Add($"what {device} has of {_file.Name} cannot be followed");
            else if (at.IsXfs) parts.Add(new(device, lost, exact[device].FirstOrDefault()?.Ranges ?? none));
        }

        return parts;
    }

    /// <summary>
    /// Somebody who can write to it may have more in memory than the file has. Processes that cannot be looked at are
    /// said to be, by the report around.
    /// </summary>
    private string[] WriterGap()
    {
        IEnumerable<string> loops = _loops.Where(loop => !loop.IsReadOnly).Select(loop => loop.Node);
        var whole = new LostFile(_identity.LiesOn, _identity.Inode, ByteRangeSet.From([new(0, _file.Size)]));
        FileUsersAnswer answer = FileUsers.Find([whole], KernelRoots.Real);
        IEnumerable<string> processes = answer.Users[0].Where(Writes)
            .Select(at => $"{at.Name} (process {at.ProcessId})");
        string[] writers = [.. loops, .. processes];
        if (writers.Length == 0) return [];
        string rest = writers.Length > WritersShownMax ? $" and {writers.Length - WritersShownMax} more" : "";
        string names = string.Join(", ", writers.Take(WritersShownMax)) + rest;
        return
        [
            $"{_file.Name} was read beside {names}, open for writing there: it may be older than what is seen there",
        ];
    }

    private static bool Writes(ProcessUse use) =>
        use.Descriptors.Any(at => at.Writes) || use.Mapped.Any(at => at is { IsShared: true, IsWritable: true });
}
