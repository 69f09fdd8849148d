// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>The log of an image: our answer, a mount's, and how they differ.</summary>
internal static class LogImage
{
    internal static LogState FindState(ImageSet images)
    {
        using DeviceBlockSource source = DeviceBlockSource.Open(images.Log ?? images.Data);
        return LogReader.FindState(source, PlaceOf(images));
    }

    internal static LogPlace PlaceOf(ImageSet images)
    {
        using DeviceBlockSource data = DeviceBlockSource.Open(images.Data);
        byte[] sector = new byte[4096];
        Assert.True(data.Read(0, sector).IsNone);
        Assert.True(Superblock.TryOpen(sector, out Superblock superblock).IsNone);
        return LogPlace.Of(Geometry.Of(in superblock), superblock.Lsn);
    }

    /// <summary>A mount of the images themselves: it replays, so they are another filesystem afterwards.</summary>
    internal static MountVerdict Mount(LogMountTrace trace, ImageSet images)
    {
        using LoopDevice data = LoopDevice.Attach(images.Data, readOnly: false);
        using LoopDevice? log = images.Log is null ? null : LoopDevice.Attach(images.Log, readOnly: false);
        return trace.Mount(data, log);
    }

    internal static ImageSet Copy(ImageSet images, Scratch scratch) =>
        new(Copy(images.Data, scratch), images.Log is null ? null : Copy(images.Log, scratch));

    /// <summary>What a mount said otherwise; null where it agreed.</summary>
    internal static string? Difference(MountVerdict kernel, LogState state)
    {
        bool replays = state.Kind == LogStateKind.Dirty;
        bool same = replays
            ? (kernel.Head, kernel.Tail) == (state.Head.Block, state.Tail.Block)
            : kernel.Head is null && kernel.Mounted == (state.Kind != LogStateKind.Damaged);
        string faults = string.Join("; ", state.Faults);
        return same ? null : $"we say {state.Kind} {state.Head} {state.Tail} {faults}, the kernel {kernel}";
    }

    private static string Copy(string path, Scratch scratch)
    {
        string copy = scratch.PathOf("copy-" + Path.GetFileName(path));
        ProgramRun.Require("cp", "--sparse=always", path, copy);
        return copy;
    }
}
