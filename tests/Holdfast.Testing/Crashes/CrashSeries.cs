// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Crashes;

/// <summary>
/// One filesystem that crashes again and again: after each crash the kernel recovers it, and the work goes on. So it
/// ages, its log wraps, and what its log speaks of is partly on disk already.
/// </summary>
public sealed class CrashSeries : IDisposable
{
    private readonly CrashGeometry _geometry;
    private readonly Scratch _scratch;
    private readonly ImageSet _images;
    private int _seed;

    /// <param name="geometry">How the filesystem is made.</param>
    /// <param name="seed">Of the first crash; the next ones count on.</param>
    public CrashSeries(CrashGeometry geometry, int seed)
    {
        _geometry = geometry;
        _seed = seed;
        _scratch = new(geometry.Name);
        try
        {
            _images = geometry.MakeFilesystem(_scratch);
        }
        catch
        {
            _scratch.Dispose();
            throw;
        }
    }

    /// <summary>Works, crashes, and gives a copy of the images as they are then, in the caller's folder.</summary>
    public ImageSet Crash(Scratch scratch)
    {
        using (LoopMount mount = LoopMount.Writable(_images, _scratch, _geometry.Options))
        {
            CrashWorkload.Run(mount.Point, _seed++);
        }

        return new(Copy(_images.Data, scratch), _images.Log is { } log ? Copy(log, scratch) : null);
    }

    public void Dispose() => _scratch.Dispose();

    private static string Copy(string path, Scratch scratch)
    {
        string copy = scratch.PathOf(Path.GetFileName(path));
        ProgramRun.Require("cp", "--sparse=always", path, copy);
        return copy;
    }
}
