// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client.Tests;

/// <summary>Where a file is inside its filesystem, on filesystems that the kernel has mounted.</summary>
public sealed class FilePlaceTests : IDisposable
{
    private const string Uuid = "6c1f1d2e-5a0b-4c3d-8e7f-0123456789ab";
    private readonly Scratch _scratch = new("place");

    public void Dispose() => _scratch.Dispose();

    [RootFact]
    public void A_file_is_known_by_its_path_inside_and_the_filesystems_uuid()
    {
        using LoopMount mount = Mounted();
        string file = FileAt(mount, "srv/db/data");
        Same("srv/db/data", FilePlace.Of(file));
        using (SafeFileHandle open = File.OpenHandle(file)) Same("srv/db/data", FilePlace.Of(open));
        Same("srv/db", FilePlace.Of(Path.GetDirectoryName(file)!));
        Same("", FilePlace.Of(mount.Point));
        File.CreateSymbolicLink(_scratch.PathOf("link"), file);
        Same("srv/db/data", FilePlace.Of(_scratch.PathOf("link")));
    }

    [RootFact]
    public void A_bind_mount_shows_the_same_place()
    {
        using LoopMount mount = Mounted();
        FileAt(mount, "srv/a folder/data");
        string bound = _scratch.PathOf("bound here");
        Directory.CreateDirectory(bound);
        ProgramRun.Require("mount", "--bind", $"{mount.Point}/srv/a folder", bound);
        try
        {
            Same("srv/a folder/data", FilePlace.Of($"{bound}/data"));
            Same("srv/a folder", FilePlace.Of(bound));
            using SafeFileHandle open = File.OpenHandle($"{bound}/data");
            Same("srv/a folder/data", FilePlace.Of(open));
        }
        finally
        {
            ProgramRun.Require("umount", bound);
        }
    }

    [RootFact]
    public void An_open_file_is_known_by_the_name_that_it_has_now()
    {
        using LoopMount mount = Mounted();
        string file = FileAt(mount, "old");
        using SafeFileHandle open = File.OpenHandle(file);
        File.Move(file, $"{mount.Point}/new (deleted)");
        Same("new (deleted)", FilePlace.Of(open));
        File.Delete($"{mount.Point}/new (deleted)");
        Assert.Contains("no name any more", Assert.Throws<IOException>(() => FilePlace.Of(open)).Message);
        // Another file has its last name now.
        FileAt(mount, "new (deleted)");
        Assert.Contains("no name any more", Assert.Throws<IOException>(() => FilePlace.Of(open)).Message);
    }

    [RootFact]
    public void A_name_that_is_no_text_is_told_in_bytes()
    {
        using LoopMount mount = Mounted();
        ProgramRun.Require(
            "sh", "-c", $"cd '{mount.Point}' && mkdir odd && : > \"$(printf 'odd/a\\377\\nb')\"");
        FilePlace place = FilePlace.Of($"{mount.Point}/odd");
        Assert.Null(place.Filter.PathBase64);
        byte[] name = [.. "odd/a"u8, 0xFF, .. "\nb"u8];
        using SafeFileHandle open = OpenBytes([.. Encoding.UTF8.GetBytes(mount.Point + "/"), .. name]);
        place = FilePlace.Of(open);
        Assert.Equal(name, place.PathBytes.ToArray());
        Assert.Equal(Convert.ToBase64String(name), place.Filter.PathBase64);
        Assert.Equal(Uuid, place.Uuid);
    }

    /// <summary>Its path and inode are the overlay's own: a filter made of them would never match.</summary>
    [RootFact]
    public void A_file_on_an_overlay_is_refused()
    {
        using LoopMount mount = Mounted();
        FileAt(mount, "lower/data");
        foreach (string name in (string[])["upper", "work"]) Directory.CreateDirectory($"{mount.Point}/{name}");
        string over = _scratch.PathOf("over");
        Directory.CreateDirectory(over);
        string at = mount.Point;
        ProgramRun.Require(
            "mount", "-t", "overlay", "overlay", "-o",
            $"lowerdir={at}/lower,upperdir={at}/upper,workdir={at}/work", over);
        try
        {
            Assert.Contains("overlay", Assert.Throws<IOException>(() => FilePlace.Of($"{over}/data")).Message);
        }
        finally
        {
            ProgramRun.Require("umount", over);
        }
    }

    [Fact]
    public void What_is_not_there_is_said_to_be_not_there()
    {
        string missing = _scratch.PathOf("missing");
        Assert.Contains(missing, Assert.Throws<IOException>(() => FilePlace.Of(missing)).Message);
    }

    private LoopMount Mounted()
    {
        string image = _scratch.PathOf("xfs.img");
        ProgramRun.Require("mkfs.xfs", "-q", "-m", $"uuid={Uuid}", "-d", $"file,name={image},size=300m");
        return LoopMount.Writable(new(image), _scratch);
    }

    private static string FileAt(LoopMount mount, string path)
    {
        string file = $"{mount.Point}/{path}";
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "text");
        return file;
    }

    private static SafeFileHandle OpenBytes(byte[] path)
    {
        SafeFileHandle open = Native.OpenFolder(path);
        Assert.False(open.IsInvalid);
        return open;
    }

    private static void Same(string path, FilePlace place)
    {
        Assert.Equal(path, place.Path);
        Assert.Equal(Uuid, place.Uuid);
    }
}
