// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Stack;

/// <summary>A new filesystem in an image, mounted on a loop device; unmounted and detached when disposed.</summary>
internal sealed class NestedFilesystem : IDisposable
{
    private readonly LoopDevice _loop;

    private NestedFilesystem(LoopDevice loop, string point) => (_loop, Point) = (loop, point);

    public string Point { get; }

    public string Device => _loop.Path;

    public BlockDevice Block => BlockDevice.At(Device, KernelRoots.Real)!;

    public bool Is(BlockDevice device) => device.Node == Device;

    public static NestedFilesystem On(string image, Scratch scratch, string type)
    {
        // Discarding would make a hole of the image.
        string[] make = type == "xfs" ? ["-q", "-K", image] : ["-q", "-F", "-E", "nodiscard", image];
        ProgramRun.Require($"mkfs.{type}", make);
        string point = scratch.PathOf("mnt-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(point);
        LoopDevice loop = LoopDevice.Attach(image, readOnly: false);
        try
        {
            ProgramRun.Require("mount", "-t", type, loop.Path, point);
            return new(loop, point);
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    /// <summary>No two blocks of it are alike.</summary>
    public byte[] Write(string name, long length, byte kind)
    {
        byte[] content = new byte[length];
        for (int at = 0; at < content.Length; at += sizeof(long))
        {
            BitConverter.TryWriteBytes(content.AsSpan(at), ((long)kind << 56) | (uint)at);
        }

        File.WriteAllBytes(Path.Combine(Point, name), content);
        return content;
    }

    public void Sync() => ProgramRun.Require("sync", "--file-system", Point);

    public IReadOnlyList<FileExtent> ExtentsOf(string name)
    {
        using FileExtents extents = FileExtents.Open(Path.Combine(Point, name));
        return [.. extents.Within(new(0, long.MaxValue))];
    }

    public ByteRangeSet PlacesOf(string name) =>
        ByteRangeSet.From(ExtentsOf(name).Select(at => new ByteRange(at.Place!.Value, at.Length)));

    public void Dispose()
    {
        try
        {
            ProgramRun.Require("umount", Point);
        }
        finally
        {
            _loop.Dispose();
        }
    }
}
