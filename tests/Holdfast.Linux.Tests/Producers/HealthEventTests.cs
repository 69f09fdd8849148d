// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.IO.Pipes;
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Producers;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>
/// XFS's health monitor: its events from byte layouts, its reader over a pipe, its meaning on a real XFS.
/// </summary>
public sealed class HealthEventTests
{
    private const int FileLength = 1 << 20;

    [Fact]
    public void Every_domain_is_read_from_its_place()
    {
        Check(Bytes(0, 1, At(0, 7ul)), new() { Kind = HealthKind.Lost, Count = 7, Mask = 7 });
        Check(
            Bytes(0, 6, At(0, 0x11u)), new() { Kind = HealthKind.Shutdown, Count = 0x11, Mask = 0x11 });
        Check(Bytes(1, 3, At(0, 2u)), new() { Domain = HealthDomain.Filesystem, Kind = HealthKind.Sick, Mask = 2 });
        Check(
            Bytes(2, 4, At(0, 4u), At(4, 3u)),
            new() { Domain = HealthDomain.Group, Kind = HealthKind.Corrupt, Mask = 4, Group = 3 });
        Check(
            Bytes(3, 5, At(0, 1u), At(4, 9u), At(8, 131ul)),
            new() { Domain = HealthDomain.Inode, Kind = HealthKind.Healthy, Mask = 1, Generation = 9, Inode = 131 });
        Check(
            Bytes(7, 7, At(0, 16ul), At(8, 8ul)),
            new() { Domain = HealthDomain.LogDevice, Kind = HealthKind.MediaError, Range = new(8192, 4096) });
        Check(
            Bytes(8, 10, At(0, 4096ul), At(8, 512ul), At(16, 131ul), At(24, 9u), At(28, 5u)),
            new()
            {
                Domain = HealthDomain.FileRange, Kind = HealthKind.DirectRead, Range = new(4096, 512), Inode = 131,
                Generation = 9, Errno = 5,
            });
    }

    [Fact]
    public void What_is_of_a_later_kernel_or_no_place_is_none()
    {
        Assert.False(HealthEvent.TryParse(Bytes(9, 0), out _));
        Assert.False(HealthEvent.TryParse(Bytes(0, 13), out _));
        Assert.False(HealthEvent.TryParse(Bytes(0, 0).AsSpan(1), out _));
        Assert.False(HealthEvent.TryParse(Bytes(5, 7, At(0, ulong.MaxValue), At(8, 1ul)), out _));
        // The whole device, however long.
        Assert.True(HealthEvent.TryParse(Bytes(5, 7, At(8, ulong.MaxValue)), out HealthEvent whole));
        Assert.Equal(0, whole.Range.Offset);
        Assert.True(whole.Range.End > long.MaxValue - 512);
    }

    [Fact]
    public void Hostile_bytes_end()
    {
        var random = new Random(1);
        byte[] bytes = new byte[HealthEvent.Size];
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(bytes);
            bytes[0] = (byte)random.Next(10);
            bytes[4] = (byte)random.Next(14);
            bytes.AsSpan(1, 3).Clear();
            bytes.AsSpan(5, 3).Clear();
            if (HealthEvent.TryParse(bytes, out HealthEvent found)) read += found.Range.End >= 0 ? 1 : 0;
        }

        Assert.InRange(read, 1, 200_000);
    }

    /// <summary>A read may end anywhere; UNMOUNT is no end, a read of nothing is.</summary>
    [Fact]
    public void The_reader_takes_events_in_pieces_until_the_end()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var monitor = new HealthMonitor(
            new SafeFileHandle(pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false));
        byte[] bytes =
        [
            .. Bytes(0, 0), .. Bytes(0, 2), .. Bytes(200, 0), .. Bytes(5, 7, At(0, 8ul), At(8, 8ul)),
        ];
        var found = new List<HealthKind>();
        for (int at = 0; at < bytes.Length; at += 50)
        {
            pipe.Write(bytes.AsSpan(at, Math.Min(50, bytes.Length - at)));
            pipe.Flush();
            Assert.True(monitor.Take(at => found.Add(at.Kind)));
        }

        pipe.Dispose();
        Assert.False(monitor.Take(at => found.Add(at.Kind)));
        Assert.Equal([HealthKind.Running, HealthKind.Unmount, HealthKind.MediaError], found);
    }

    [Fact]
    public void What_is_damaged_is_summed_up_and_taken_back()
    {
        var record = new HealthRecord("/srv");
        Assert.Null(record.Text);
        record.Take(new() { Domain = HealthDomain.Group, Kind = HealthKind.Sick, Group = 3, Mask = 6 });
        record.Take(new() { Domain = HealthDomain.Inode, Kind = HealthKind.Corrupt, Inode = 131, Mask = 1 });
        Assert.Equal("/srv: XFS calls metadata damaged: group 3 (0x6), inode 131 (0x1)", record.Text);
        record.Take(new() { Domain = HealthDomain.Group, Kind = HealthKind.Healthy, Group = 3, Mask = 2 });
        Assert.Equal("/srv: XFS calls metadata damaged: group 3 (0x4), inode 131 (0x1)", record.Text);
        record.Take(new() { Domain = HealthDomain.Group, Kind = HealthKind.Healthy, Group = 3, Mask = 4 });
        record.Take(new() { Domain = HealthDomain.Inode, Kind = HealthKind.Healthy, Inode = 131, Mask = 1 });
        Assert.Null(record.Text);
        for (ulong i = 0; i < 5000; i++)
        {
            record.Take(new() { Domain = HealthDomain.Inode, Kind = HealthKind.Sick, Inode = i, Mask = 1 });
        }

        Assert.EndsWith("and 996 more or so", record.Text, StringComparison.Ordinal);
        record.Take(new() { Kind = HealthKind.Shutdown, Mask = 0x22 });
        Assert.Equal("/srv: XFS has shut down: the log could not be written, its device was removed", record.Text);
    }

    [RootFact]
    public void Events_blame_bytes_of_the_device_and_extents_of_the_file_itself()
    {
        using var scratch = new Scratch("health");
        using LoopMount mounted = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        ByteRange file = WrittenFile.Create(mounted.Point, "folder/file", FileLength);
        (ulong inode, uint generation) = IdentityOf(Path.Combine(mounted.Point, "folder/file"), mounted.Point);
        Mount mount = Mount.ReadAll(KernelRoots.Real).Single(at => at.MountPoint == mounted.Point);

        Assert.Equal(Places(mount, new(8192, 4096)), Blamed(mount, Bytes(5, 7, At(0, 16ul), At(8, 8ul))));
        string[] pages = Places(mount, new(file.Offset + 8192, 8192));
        foreach (uint kind in (uint[])[8, 10, 12]) Assert.Equal(pages, Blamed(mount, File(kind, inode, generation, 5)));
        // A medium error of the block layer, and protection information that does not fit.
        Assert.Equal(pages, Blamed(mount, File(10, inode, generation, 61)));
        Assert.Equal(pages, Blamed(mount, File(10, inode, generation, 84)));
        // Writes lose nothing that was there; damage found in what was read is none of the medium.
        Assert.Empty(Blamed(mount, File(9, inode, generation, 5)));
        Assert.Empty(Blamed(mount, File(11, inode, generation, 5)));
        Assert.Empty(Blamed(mount, File(10, inode, generation, 117)));
        // Another inode in its place: nothing of that one is blamed, and that something was lost is said.
        Assert.Empty(Blamed(mount, File(10, inode, generation + 1, 5), lost: 1));
        // A log that is inside has no device of its own.
        Assert.Empty(Blamed(mount, Bytes(7, 7, At(0, 16ul), At(8, 8ul)), lost: 1));
        // Past the device's end there is nothing.
        Assert.Empty(Blamed(mount, Bytes(5, 7, At(0, 1ul << 50), At(8, 8ul))));
        Assert.Empty(Blamed(mount, Bytes(0, 1, At(0, 3ul)), lost: 3));
    }

    /// <summary>Whether this kernel has a health monitor or not: where all is well it is quiet.</summary>
    [RootFact]
    public async Task Where_the_kernel_has_none_it_is_quietly_not_there()
    {
        using var scratch = new Scratch("health");
        using LoopMount mounted = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        var heard = new HeardEvents();
        using var stop = new CancellationTokenSource();
        Task running = new HealthMonitorProducer(KernelRoots.Real, heard, heard.Degraded).RunAsync(heard, stop.Token);
        Task first = await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1)));
        Assert.False(ReferenceEquals(first, running), running.Exception?.ToString());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(heard.Reports);
        Assert.Empty(heard.Troubles);
    }

    internal static (ulong Inode, uint Generation) IdentityOf(string path, string mountPoint)
    {
        ulong inode = ulong.Parse(ProgramRun.Require("stat", "-c", "%i", path).Text.Trim());
        using var root = new Tree(mountPoint);
        return (inode, Bulkstat.ReadAll(root).Single(at => at.Inode == inode).Generation);
    }

    /// <summary>Where bytes of a mount's data device are reported: its file may lie on a disk that is seen.</summary>
    internal static string[] Places(Mount mount, ByteRange range)
    {
        BlockDevice device = BlockDevice.Find(KernelRoots.Real, mount.Device)!;
        return
        [
            .. EventPlaces.Of(device, ByteRangeSet.From([range]), KernelRoots.Real)
                .Select(place => $"{place.Device.Identity} {string.Join(' ', place.Ranges)}"),
        ];
    }

    private static string[] Blamed(Mount mount, byte[] bytes, long lost = 0)
    {
        var heard = new HeardEvents();
        var report = new EventReport(heard, heard, HealthMonitorProducer.Source, KernelRoots.Real);
        var events = new HealthEvents(mount, KernelRoots.Real, report, heard, default);
        Assert.True(HealthEvent.TryParse(bytes, out HealthEvent found));
        events.Take(found);
        events.Send();
        Assert.Equal(lost, heard.Losses.Sum(at => at.Count));
        Assert.All(heard.Reports, at => Assert.Equal(ReportBasis.Error, at.Basis));
        return [.. heard.Reports.Select(at => $"{at.Device.Identity} {string.Join(' ', at.Ranges)}")];
    }

    private static byte[] File(uint kind, ulong inode, uint generation, uint errno) => Bytes(
        8, kind, At(0, 8192ul), At(8, 8192ul), At(16, inode), At(24, generation), At(28, errno));

    private static void Check(byte[] bytes, HealthEvent wanted)
    {
        Assert.True(HealthEvent.TryParse(bytes, out HealthEvent found));
        Assert.Equal(wanted with { Nanoseconds = 42 }, found);
    }

    private static (int, byte[]) At(int at, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return (at, bytes);
    }

    private static (int, byte[]) At(int at, ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return (at, bytes);
    }

    private static byte[] Bytes(uint domain, uint kind, params (int At, byte[] Value)[] union)
    {
        byte[] bytes = new byte[HealthEvent.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, domain);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), kind);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), 42);
        foreach ((int at, byte[] value) in union) value.CopyTo(bytes, 16 + at);
        return bytes;
    }
}
