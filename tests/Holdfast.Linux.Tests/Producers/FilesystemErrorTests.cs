// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics;
using Holdfast.Failures;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Producers;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>Errors that filesystems tell of: from byte layouts, and from an ext4 that is made to tell of one.</summary>
public sealed class FilesystemErrorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void An_event_names_filesystem_inode_error_and_count()
    {
        byte[] bytes = [.. Event(0xabcd, -5, 3, 0x81, Handle(131, 9)), .. Event(1, -117, 1, 0xff, [])];
        List<FilesystemError> found = FilesystemError.Parse(bytes, out int overflows);
        Assert.Equal(0, overflows);
        Assert.Equal(2, found.Count);
        Assert.Equal((0xabcdul, 5, 3u), (found[0].Filesystem, found[0].Errno, found[0].Count));
        Assert.True(found[0].TryXfsInode(out ulong inode, out uint generation));
        Assert.Equal((131ul, 9u), (inode, generation));
        Assert.Equal((1ul, 117, 1u), (found[1].Filesystem, found[1].Errno, found[1].Count));
        Assert.False(found[1].TryXfsInode(out _, out _));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.True(FilesystemError.Parse(bytes.AsMemory(0, length), out _).Count < 2);
        }
    }

    [Fact]
    public void An_overflow_is_counted()
    {
        byte[] bytes = Event(1, -5, 1, 0xff, []);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), 0x4000);
        Assert.Empty(FilesystemError.Parse(bytes, out int overflows));
        Assert.Equal(1, overflows);
    }

    [Fact]
    public void Hostile_bytes_end()
    {
        var random = new Random(1);
        byte[] good = Event(0xabcd, -5, 3, 0x81, Handle(131, 9));
        int found = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes = [.. good];
            for (int j = random.Next(1, 4); j > 0; j--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            foreach (FilesystemError error in FilesystemError.Parse(bytes, out _))
            {
                found += error.TryXfsInode(out _, out _) && error.Errno >= 0 ? 1 : 0;
            }
        }

        Assert.InRange(found, 1, 100_000);
    }

    /// <summary>The kernel's own events: of ext4, the one filesystem of this kernel that can be made to tell.</summary>
    [RootFact(Needs.Root, "mkfs.ext4", "losetup", "mount")]
    public void A_real_filesystem_s_error_is_heard()
    {
        using var scratch = new Scratch("fserror");
        string image = scratch.SparseFile("ext4.img", 16 << 20);
        ProgramRun.Require("mkfs.ext4", "-q", "-F", image);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: false);
        string point = scratch.PathOf("point");
        Directory.CreateDirectory(point);
        ProgramRun.Require("mount", "-t", "ext4", "-o", "errors=continue", loop.Path, point);
        try
        {
            using ErrorMarks marks = ErrorMarks.Open();
            ulong filesystem = marks.Add(point);
            Assert.Equal(filesystem, marks.Add(point));
            Assert.False(marks.Wait(TimeSpan.Zero));
            File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(loop.Path)}/trigger_fs_error", "one");
            File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(loop.Path)}/trigger_fs_error", "two");
            Assert.True(marks.Wait(Patience));
            List<FilesystemError> found = FilesystemError.Parse(marks.Read(), out int overflows);
            Assert.Equal(0, overflows);
            FilesystemError error = Assert.Single(found);
            Assert.Equal((filesystem, 117, 2u), (error.Filesystem, error.Errno, error.Count));
            Assert.False(error.TryXfsInode(out _, out _));
            // The mark keeps nobody from unmounting.
        }
        finally
        {
            ProgramRun.Require("umount", point);
        }
    }

    [RootFact]
    public void The_bytes_of_a_file_that_is_named_are_looked_at_and_not_suspected()
    {
        using var scratch = new Scratch("fserror");
        using LoopMount mounted = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        ByteRange file = WrittenFile.Create(mounted.Point, "folder/file", 1 << 20);
        (ulong inode, uint generation) = HealthEventTests.IdentityOf(
            Path.Combine(mounted.Point, "folder/file"), mounted.Point);
        Mount mount = Mount.ReadAll(KernelRoots.Real).Single(at => at.MountPoint == mounted.Point);
        var heard = new HeardEvents();
        var producer = new FilesystemErrorProducer(KernelRoots.Real, heard, heard.Degraded);
        producer.HaveRead(mount, inode, generation + 1);
        Assert.Empty(heard.LookedAt);
        producer.HaveRead(mount, inode, generation);
        Assert.Equal(
            HealthEventTests.Places(mount, file),
            heard.LookedAt.Select(at => $"{at.Device.Identity} {string.Join(' ', at.Ranges)}"));
        Assert.NotEmpty(heard.LookedAt);
        Assert.Empty(heard.Suspects);
        Assert.Empty(heard.Losses);
    }

    [RootFact]
    public async Task Every_mounted_xfs_is_listened_to_without_keeping_it()
    {
        using var scratch = new Scratch("fserror");
        var heard = new HeardEvents();
        using var stop = new CancellationTokenSource();
        var producer = new FilesystemErrorProducer(KernelRoots.Real, heard, heard.Degraded);
        Task running = producer.RunAsync(heard, stop.Token);
        using (LoopMount mounted = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch))
        {
            var waited = Stopwatch.StartNew();
            string device = Path.GetFileName(mounted.DataDevice.Path);
            while (!producer.IsListeningTo(device) && waited.Elapsed < Patience) await Task.Delay(20);
            Assert.True(producer.IsListeningTo(device));
        }

        // Unmounted: the mark was no reason not to be.
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static byte[] Handle(ulong inode, uint generation)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, inode);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), generation);
        return bytes;
    }

    /// <summary>As fanotify_user.c writes it: head, error record, then whose it is.</summary>
    private static byte[] Event(ulong filesystem, int error, uint count, int type, byte[] handle)
    {
        const int head = 24;
        const int errorRecord = 12;
        int identity = 4 + 8 + 8 + ((handle.Length + 3) / 4 * 4);
        byte[] bytes = new byte[head + errorRecord + identity];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        bytes[4] = 3;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), head);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), 0x8000);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), -1);
        Span<byte> at = bytes.AsSpan(head);
        at[0] = 5;
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], errorRecord);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], error);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], count);
        at = at[errorRecord..];
        at[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], (ushort)identity);
        BinaryPrimitives.WriteUInt64LittleEndian(at[4..], filesystem);
        BinaryPrimitives.WriteInt32LittleEndian(at[12..], handle.Length);
        BinaryPrimitives.WriteInt32LittleEndian(at[16..], type);
        handle.CopyTo(at[20..]);
        return bytes;
    }
}
