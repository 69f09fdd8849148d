// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing;

/// <summary>
/// A folder of one test's own, gone when disposed. Folders carry the process id: what a killed test run left behind
/// (mounts and loop devices included) is cleared by the next one.
/// </summary>
public sealed class Scratch : IDisposable
{
    private const string Prefix = "holdfast-test-";
    private static readonly Lazy<bool> Swept = new(Sweep);
    private static int _count;

    public Scratch(string name = "scratch")
    {
        _ = Swept.Value;
        Folder = Path.Combine(Home, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{name}");
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    private static string Home =>
        Environment.GetEnvironmentVariable("HOLDFAST_SCRATCH") ?? Path.GetTempPath().TrimEnd('/');

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>A file of holes.</summary>
    public string SparseFile(string name, long length)
    {
        string path = PathOf(name);
        using FileStream file = new(path, FileMode.CreateNew);
        file.SetLength(length);
        return path;
    }

    public void Dispose()
    {
        // Through a mount that could not be undone, deleting would go into the filesystem under test.
        if (!MountTable.HasMountsUnder(Folder) && Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static bool Sweep()
    {
        foreach (string folder in Directory.EnumerateDirectories(Home, Prefix + "*"))
        {
            string id = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (!int.TryParse(id, out int process) || Directory.Exists($"/proc/{process}")) continue;
            if (Posix.EffectiveUserId() == 0) Release(folder);
            try
            {
                if (!MountTable.HasMountsUnder(folder)) Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Trace.WriteLine($"{folder} is left over and cannot be removed: {e.Message}");
            }
        }

        return true;
    }

    private static void Release(string folder)
    {
        foreach (string mount in MountTable.MountsUnder(folder)) ProgramRun.Start("umount", null, mount);
        foreach (string line in ProgramRun.Start("losetup", null, "-n", "-l", "-O", "NAME,BACK-FILE").Text.Split('\n'))
        {
            string[] parts = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts.Length == 2 && parts[1].StartsWith(folder + "/", StringComparison.Ordinal))
            {
                ProgramRun.Start("losetup", null, "-d", parts[0]);
            }
        }
    }
}
