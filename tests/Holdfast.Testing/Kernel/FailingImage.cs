// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// An image file through which some sectors of another cannot be read: a block device over it has real media errors.
/// Writes pass. By qemu-storage-daemon (blkdebug, exported by FUSE); gone when disposed, which nothing must use it for.
/// </summary>
public sealed class FailingImage : IDisposable
{
    /// <summary>For <see cref="RootFactAttribute"/>.</summary>
    public const string Program = "qemu-storage-daemon";

    /// <summary>As a bad sector: no sector can be read.</summary>
    public const long Every = -1;

    private const int SectorSize = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _server;

    /// <param name="image">The good image; it must not be mounted meanwhile.</param>
    /// <param name="badSectors">Of 512 bytes each.</param>
    public FailingImage(string image, Scratch scratch, IEnumerable<long> badSectors)
    {
        Path = scratch.PathOf("failing-" + Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(Path, []);
        string rules = string.Concat(badSectors.Select((sector, i) =>
            $",inject-error.{i}.event=none,inject-error.{i}.iotype=read,inject-error.{i}.errno=5"
            + $",inject-error.{i}.sector={sector},inject-error.{i}.once=off"));
        var start = new ProcessStartInfo(Program) { RedirectStandardError = true };
        string[] arguments =
        [
            "--blockdev", $"driver=file,node-name=file,filename={image}",
            "--blockdev", "driver=raw,node-name=raw,file=file",
            "--blockdev", $"driver=blkdebug,node-name=bad,image=raw{rules}",
            "--export", $"type=fuse,id=export,node-name=bad,mountpoint={Path},writable=on",
        ];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        _server = Process.Start(start)!;
        long length = new FileInfo(image).Length;
        var waited = Stopwatch.StartNew();
        while (new FileInfo(Path).Length != length)
        {
            if (_server.HasExited || waited.Elapsed > Patience)
            {
                string why = _server.HasExited ? _server.StandardError.ReadToEnd() : "no export in time";
                Dispose();
                throw new InvalidOperationException($"{Program}: {why}");
            }

            Thread.Sleep(20);
        }
    }

    public string Path { get; }

    /// <summary>The sectors of a range of bytes.</summary>
    public static IEnumerable<long> SectorsOf(long offset, long length)
    {
        for (long at = offset / SectorSize; at * SectorSize < offset + length; at++) yield return at;
    }

    public void Dispose()
    {
        // Told, not killed: it unmounts what it exports.
        bool isTold = !_server.HasExited && Posix.Terminate(_server.Id);
        if (isTold && !_server.WaitForExit(Patience)) _server.Kill();
        _server.Dispose();
    }
}
