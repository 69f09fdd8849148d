// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Processes;

/// <summary>
/// Goal: who maps lost bytes and who has their file open is found, whatever way it came to it, and nobody else is.
/// Method: real processes of a small program that maps, opens and sleeps; both ways to read mappings, and both ways
/// to find out whose to read, which must agree.
/// </summary>
public sealed class FileUsersTests
{
    private const long Page = 4096;

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Those_who_map_the_lost_bytes_are_told_from_those_beside_them(bool readsText)
    {
        using var mount = new FilledMount();
        // The lost page is the fifth of the file.
        using var maps = FileHolder.Start(mount.File, map: "0,64", writes: false);
        using var mapsOnly = FileHolder.Start(mount.File, map: "5,1", closes: true, writes: true);
        using var neighbour = FileHolder.Start(mount.File, map: "6,8");
        using var opens = FileHolder.Start(mount.File, writes: true);
        using var other = FileHolder.Start(mount.Other, map: "0,64");
        LostFile lost = mount.Lost(5 * Page, Page);
        FileUsersAnswer answer = BothWays.Find(lost, readsText);
        Dictionary<int, ProcessUse> users = answer.Users[0].ToDictionary(use => use.ProcessId);
        Assert.Equal(
            new[] { maps.Id, mapsOnly.Id, neighbour.Id, opens.Id }.Order(), users.Keys.Order());

        MappedBytes mapped = Assert.Single(users[maps.Id].Mapped);
        Assert.Equal((maps.Address + (5 * (ulong)Page), Page, 5 * Page, true, false),
            (mapped.Address, mapped.Length, mapped.FileOffset, mapped.IsShared, mapped.IsWritable));
        OpenDescriptor descriptor = Assert.Single(users[maps.Id].Descriptors);
        Assert.Equal((3, true, false), (descriptor.Number, descriptor.Reads, descriptor.Writes));

        MappedBytes only = Assert.Single(users[mapsOnly.Id].Mapped);
        Assert.Equal((mapsOnly.Address, true), (only.Address, only.IsWritable));
        Assert.Empty(users[mapsOnly.Id].Descriptors);
        Assert.Empty(users[neighbour.Id].Mapped);
        Assert.Single(users[neighbour.Id].Descriptors);
        Assert.Empty(users[opens.Id].Mapped);
        Assert.True(Assert.Single(users[opens.Id].Descriptors).Writes);
        Assert.All(users.Values, use =>
        {
            Assert.Equal("python3", use.Name);
            Assert.True(use.IsCertain);
            Assert.Equal(0u, use.User);
        });
        Assert.Equal(StartOf(maps.Id), users[maps.Id].StartTime);
        // Not even root sees into every process everywhere.
        Assert.All(answer.Unread.Keys, process => Assert.ThrowsAny<Exception>(
            () => File.ReadAllBytes($"/proc/{process}/maps")));
    }

    /// <summary>Who has written to a private mapping does not have the file's bytes there any more.</summary>
    [RootFact]
    public void Pages_that_a_process_has_copies_of_are_told_from_the_files()
    {
        using var mount = new FilledMount();
        using var copied = FileHolder.Start(mount.File, map: "4,8", copies: "1,4");
        ProcessUse use = Assert.Single(BothWays.Find(mount.Lost(5 * Page, 3 * Page)).Users[0]);
        Assert.True(use.MapsLostBytes);
        Assert.Equal(
            [(5 * Page, Page, true), (6 * Page, 2 * Page, false)],
            use.Mapped.Select(at => (at.FileOffset, at.Length, at.IsOwnCopy)));
        Assert.Equal(copied.Address + (ulong)Page, use.Mapped[0].Address);
        Assert.False(Assert.Single(
            BothWays.Find(mount.Lost(8 * Page, Page)).Users[0]).MapsLostBytes);
    }

    [RootFact]
    public void A_file_without_a_name_behind_a_bind_mount_or_in_another_namespace_is_the_same_file()
    {
        using var mount = new FilledMount();
        string bound = Path.Combine(Path.GetDirectoryName(mount.Point)!, "bound");
        Directory.CreateDirectory(bound);
        ProgramRun.Require("mount", "--bind", mount.Point, bound);
        try
        {
            using var throughBind = FileHolder.Start(Path.Combine(bound, "file"), map: "0,8");
            using var elsewhere = FileHolder.Start(mount.File, map: "0,8", before: ["unshare", "--mount"]);
            using var deleted = FileHolder.Start(mount.File, map: "0,8");
            LostFile lost = mount.Lost(Page, Page);
            File.Delete(mount.File);
            FileUsersAnswer answer = BothWays.Find(lost);
            Assert.Equal(
                new[] { throughBind.Id, elsewhere.Id, deleted.Id }.Order(),
                answer.Users[0].Select(use => use.ProcessId));
            Assert.All(answer.Users[0], use =>
            {
                Assert.True(use.IsCertain);
                Assert.Single(use.Mapped);
                Assert.Single(use.Descriptors);
            });
        }
        finally
        {
            ProgramRun.Require("umount", bound);
        }
    }

    /// <summary>An overlay shows another device for the file below.</summary>
    [RootFact]
    public void An_overlay_is_looked_through()
    {
        using var mount = new FilledMount();
        using var scratch = new Scratch("overlay");
        foreach (string name in (string[])["upper", "work", "merged", "lower"])
        {
            Directory.CreateDirectory(Path.Combine(mount.Point, name));
        }

        File.Copy(mount.File, Path.Combine(mount.Point, "lower/file"));
        File.Copy(mount.File, Path.Combine(mount.Point, "lower/other"));
        string merged = Path.Combine(mount.Point, "merged");
        ProgramRun.Require(
            "mount", "-t", "overlay", "overlay", "-o",
            $"lowerdir={mount.Point}/lower,upperdir={mount.Point}/upper,workdir={mount.Point}/work", merged);
        try
        {
            using var user = FileHolder.Start(Path.Combine(merged, "file"), map: "0,8");
            using var other = FileHolder.Start(Path.Combine(merged, "other"), map: "0,8");
            LostFile below = FilledMount.LostOf(Path.Combine(mount.Point, "lower/file"), Page, Page);
            ProcessUse use = Assert.Single(BothWays.Find(below).Users[0]);
            Assert.Equal((user.Id, true), (use.ProcessId, use.IsCertain));
            Assert.Single(use.Mapped);
            Assert.Single(use.Descriptors);

            // Without a name it cannot be told for certain, and is told of all the same.
            File.Delete(Path.Combine(merged, "file"));
            ProcessUse unsure = Assert.Single(BothWays.Find(below).Users[0]);
            Assert.Equal((user.Id, false), (unsure.ProcessId, unsure.IsCertain));
        }
        finally
        {
            ProgramRun.Require("umount", merged);
        }
    }

    private static long StartOf(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    private sealed class FilledMount : IDisposable
    {
        private readonly Scratch _scratch = new("users");
        private readonly LoopMount _mount;

        internal FilledMount()
        {
            _mount = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(_scratch), _scratch);
            System.IO.File.WriteAllBytes(File, new byte[64 * Page]);
            System.IO.File.WriteAllBytes(Other, new byte[64 * Page]);
        }

        internal string Point => _mount.Point;

        internal string File => Path.Combine(Point, "file");

        internal string Other => Path.Combine(Point, "other");

        internal LostFile Lost(long offset, long length) => LostOf(File, offset, length);

        internal static LostFile LostOf(string path, long offset, long length)
        {
            FileIdentity found = FileIdentity.Of(path)!.Value;
            return new(found.LiesOn, found.Inode, ByteRangeSet.From([new(offset, length)]));
        }

        public void Dispose()
        {
            _mount.Dispose();
            _scratch.Dispose();
        }
    }
}
