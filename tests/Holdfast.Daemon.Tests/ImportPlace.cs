// SPDX-License-Identifier: Apache-2.0
using Holdfast.Daemon.Importing;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Daemon.Tests;

/// <summary>A folder for dropped lists, and a sysfs that has one disk: sdx, of 4 MiB.</summary>
internal sealed class ImportPlace : IDisposable
{
    internal const string Disk = "wwn:naa.5000c500a1b2c3d4";
    private readonly Scratch _scratch = new("import");

    internal ImportPlace()
    {
        Roots = new(_scratch.PathOf("proc"), _scratch.PathOf("sys"), _scratch.PathOf("dev"));
        Attribute("dev", "8:0\n");
        Attribute("size", "8192\n");
        Attribute("wwid", "naa.5000c500a1b2c3d4\n");
        Attribute("queue/physical_block_size", "4096\n");
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    internal KernelRoots Roots { get; }

    internal string Folder => _scratch.PathOf("drop");

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal void Attribute(string name, string text)
    {
        string path = Path.Combine(Roots.Sys, "class/block/sdx", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Puts a file there whole.</summary>
    internal void Drop(string name, string text)
    {
        string outside = _scratch.PathOf("part");
        File.WriteAllText(outside, text);
        File.Move(outside, PathOf(name), overwrite: true);
    }

    internal ImportProducer Producer() => new(Folder, Roots, NullLogger.Instance, Find);

    public void Dispose() => _scratch.Dispose();

    /// <summary>There are no nodes without root: by the kernel's name.</summary>
    private BlockDevice Find(ImportName name) => BlockDevice.Find(Roots, name.Device)
        ?? throw new InvalidDataException($"there is no block device {name.Device} now");
}
