// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Errors that mounted XFS filesystems tell of through fanotify (FAN_FS_ERROR; XFS does from Linux 7.0 on). An error
/// names an inode and no range of it: the bytes of its file are read with care, without being suspect. One of the whole
/// filesystem, and how many more there were, is put on record.
/// </summary>
/// <param name="degraded">Told, under the name of a check, what is wrong; null once it is not.</param>
public sealed class FilesystemErrorProducer(
    KernelRoots roots, IEventListener listener, Action<string, string?> degraded) : IProducer
{
    private const int ESHUTDOWN = 108;
    private const int ENOSYS = 38;
    private const int InodesMax = 1000;

    /// <summary>Of one file so much is read; the rest waits for a scan.</summary>
    private const long FileBytesMax = 4L << 30;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A file that fails again and again is not read again and again.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<DeviceNumber, (XfsInKernel At, ulong? Filesystem)> _marked = [];
    private readonly Dictionary<(DeviceNumber, ulong), long> _read = [];

    public string Name => "filesystem-errors";

    /// <param name="device">The kernel's name of its data device.</param>
    internal bool IsListeningTo(string device) =>
        _marked.Values.Any(at => at.At.Name == device && at.Filesystem is not null);

    public Task RunAsync(IReportIntake intake, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Run(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellationToken)
    {
        _marked.Clear();
        using ErrorMarks? marks = TryOpen();
        if (marks is null) cancellationToken.WaitHandle.WaitOne();
        while (marks is not null && !cancellationToken.IsCancellationRequested)
        {
            Follow(marks);
            if (!marks.Wait(LookEvery)) continue;
            List<FilesystemError> errors = FilesystemError.Parse(marks.Read(), out int overflows);
            foreach (FilesystemError error in errors) Take(error);
            if (overflows > 0) listener.Lost(Name, -1);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static ErrorMarks? TryOpen()
    {
        try
        {
            return ErrorMarks.Open();
        }
        catch (KernelRefusal refusal) when (refusal.Errno is Native.EINVAL or ENOSYS)
        {
            // A kernel before 5.9, or without fanotify: nothing is to be heard.
            return null;
        }
    }

    private void Follow(ErrorMarks marks)
    {
        IReadOnlyList<XfsInKernel> now = XfsInKernel.ReadAll(roots);
        foreach ((DeviceNumber device, (XfsInKernel at, _)) in _marked.ToArray())
        {
            if (now.Contains(at)) continue;
            degraded(CheckOf(at), null);
            _marked.TryRemove(device, out _);
        }

        foreach (XfsInKernel at in now)
        {
            if (at.Mount is null || _marked.ContainsKey(at.Device)) continue;
            try
            {
                _marked[at.Device] = (at, marks.Add(at.Mount.MountPoint));
            }
            catch (KernelRefusal)
            {
                // This kernel's XFS tells of no errors here, or it is gone already: there is nothing to be heard.
                _marked[at.Device] = (at, null);
            }
        }
    }

    private void Take(in FilesystemError error)
    {
        if (error.Count > 1) listener.Lost(Name, error.Count - 1);
        ulong filesystem = error.Filesystem;
        (XfsInKernel At, ulong? Filesystem) found = _marked.Values.FirstOrDefault(at => at.Filesystem == filesystem);
        if (found.At?.Mount is not { } mount) return;
        string why = Marshal.GetPInvokeErrorMessage(error.Errno);
        if (error.Errno == ESHUTDOWN) degraded(CheckOf(found.At), $"{mount.MountPoint}: XFS has shut down");
        else if (!error.TryXfsInode(out ulong inode, out uint generation))
        {
            degraded(CheckOf(found.At), $"{mount.MountPoint}: XFS told of an error of all of it: {why}");
        }
        else if (IsNews(found.At.Device, inode)) HaveRead(mount, inode, generation);
    }

    private bool IsNews(DeviceNumber device, ulong inode)
    {
        bool isKnown = _read.TryGetValue((device, inode), out long when);
        if (isKnown && Stopwatch.GetElapsedTime(when) < AgainAfter) return false;
        if (_read.Count >= InodesMax)
        {
            foreach (var old in _read.Where(at => Stopwatch.GetElapsedTime(at.Value) >= AgainAfter).ToArray())
            {
                _read.Remove(old.Key);
            }

            if (_read.Count >= InodesMax) _read.Remove(_read.MinBy(at => at.Value).Key);
        }

        _read[(device, inode)] = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Hands the bytes of a file to whoever reads with care.</summary>
    internal void HaveRead(Mount mount, ulong inode, uint generation)
    {
        try
        {
            using MountedXfs xfs = MountedXfs.Open(mount);
            var all = new ByteRange(0, long.MaxValue);
            if (FileRangePlaces.Of(xfs, inode, generation, all, FileBytesMax) is not { } places) return;
            if (places.IsCut)
            {
                degraded(
                    string.Create(CultureInfo.InvariantCulture, $"file errors of {mount.Device}"),
                    string.Create(CultureInfo.InvariantCulture,
                        $"{mount.MountPoint}: inode {inode} has more than is read of itself: scan the device"));
            }

            LookAt(xfs.NumberOf(DeviceRole.Data), places.Data);
            LookAt(xfs.NumberOf(DeviceRole.Realtime), places.Realtime);
        }
        catch (KernelRefusal)
        {
            listener.Lost(Name, 1);
        }
    }

    private void LookAt(DeviceNumber? number, ByteRangeSet ranges)
    {
        if (ranges.IsEmpty) return;
        if (number is not { } device || BlockDevice.Find(roots, device) is not { } disk)
        {
            listener.Lost(Name, 1);
            return;
        }

        foreach ((DeviceIdentity identity, ByteRangeSet part) in EventPlaces.Of(disk, ranges, roots))
        {
            listener.LookAt(identity, part);
        }
    }

    private static string CheckOf(XfsInKernel at) => $"errors of {at.Name}";
}
