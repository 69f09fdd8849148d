// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>A filesystem of the test's own, which can be filled, can fail and can be taken away.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly LoopDevice _loop;
    private bool _isMounted;

    private readonly string _type;

    /// <param name="type">"ext4", small enough to be filled, or "xfs", which can be shut down.</param>
    internal SmallDisk(Scratch scratch, string type)
    {
        _type = type;
        string image = scratch.SparseFile("disk.img", type == "xfs" ? 320 << 20 : 24 << 20);
        string[] options = type == "xfs" ? ["-q"] : ["-q", "-m", "0", "-O", "^has_journal"];
        ProgramRun.Require($"mkfs.{type}", [.. options, image]);
        _loop = LoopDevice.Attach(image, readOnly: false);
        Point = scratch.PathOf("disk");
        Directory.CreateDirectory(Point);
        Mount();
    }

    internal string Point { get; }

    private string Filler => Path.Combine(Point, "filler");

    internal void Mount(string options = "rw")
    {
        ProgramRun.Require("mount", "-t", _type, "-o", options, _loop.Path, Point);
        _isMounted = true;
    }

    /// <exception cref="InvalidOperationException">Somebody holds a file on it open.</exception>
    internal void Unmount()
    {
        ProgramRun.Require("umount", Point);
        _isMounted = false;
    }

    /// <summary>Not a byte is left.</summary>
    internal void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (int size in (int[])[1 << 20, 4096, 1])
        {
            try
            {
                while (true) file.Write(new byte[size]);
            }
            catch (IOException)
            {
                // As much as goes with this size.
            }
        }
    }

    internal void Free() => File.Delete(Filler);

    /// <summary>As when the device under it fails: everything is EIO until it is mounted again.</summary>
    internal void ShutDown() => ProgramRun.Require("xfs_io", "-x", "-c", "shutdown", Point);

    public void Dispose()
    {
        if (_isMounted) ProgramRun.Require("umount", Point);
        _loop.Dispose();
    }
}
