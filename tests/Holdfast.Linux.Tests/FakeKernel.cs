// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Tests;

/// <summary>
/// A /proc and a /sys of the test's own. Real block devices cannot be made without root, so nodes are looked up by
/// number: <see cref="Roots"/>.Dev is the machine's own /dev only where a test says so.
/// </summary>
internal sealed class FakeKernel : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("holdfast-kernel-").FullName;

    public FakeKernel()
    {
        Roots = new(Folder("proc"), Folder("sys"), Folder("dev"));
        Folder("proc/self");
        Folder("sys/block");
        Mounts();
        Swaps();
    }

    public KernelRoots Roots { get; }

    public void Mounts(params string[] lines) => Write("proc/self/mountinfo", Joined(lines));

    public void Swaps(params string[] lines) =>
        Write("proc/swaps", "Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" + Joined(lines));

    /// <summary>A device as sysfs shows it: under its parent, by name, and by number.</summary>
    public void Device(
        string name, string number, string? partitionOf = null, string? mappedName = null, bool md = false)
    {
        string folder = partitionOf is null ? $"sys/devices/{name}" : $"sys/devices/{partitionOf}/{name}";
        Write($"{folder}/dev", number + "\n");
        if (partitionOf is not null) Write($"{folder}/partition", "1\n");
        if (mappedName is not null) Write($"{folder}/dm/name", mappedName + "\n");
        if (md) Folder($"{folder}/md");
        Link($"sys/class/block/{name}", folder);
        Link($"sys/dev/block/{number}", folder);
        if (partitionOf is null) Link($"sys/block/{name}", folder);
    }

    public void Loop(string name, string number, string backingFile)
    {
        Device(name, number);
        Write($"sys/devices/{name}/loop/backing_file", backingFile + "\n");
    }

    /// <param name="device">Its folder under sys/devices.</param>
    public void Attribute(string device, string name, string text) => Write($"sys/devices/{device}/{name}", text);

    public void Boot(string id) => Write("proc/sys/kernel/random/boot_id", id + "\n");

    /// <summary>A file of sysfs, by its path from /sys on.</summary>
    public void Sys(string name, string text) => Write($"sys/{name}", text);

    public void Holds(string holder, string held, string? partitionOf = null)
    {
        string folder = partitionOf is null ? $"sys/devices/{held}" : $"sys/devices/{partitionOf}/{held}";
        Link($"{folder}/holders/{holder}", $"sys/devices/{holder}");
    }

    /// <summary>A device stands on another.</summary>
    public void Under(string device, string member, string? partitionOf = null)
    {
        string folder = partitionOf is null ? $"sys/devices/{member}" : $"sys/devices/{partitionOf}/{member}";
        Link($"sys/devices/{device}/slaves/{member}", folder);
    }

    public string File(string name)
    {
        Write(name, "");
        return Path.Combine(_home, name);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static string Joined(string[] lines) => string.Concat(lines.Select(l => l + "\n"));

    private void Write(string name, string text)
    {
        string path = Path.Combine(_home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        // Of who has it open, and reads meanwhile, none must see half of it: the kernel's are never that.
        if (System.IO.File.Exists(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            byte[] filled = [.. bytes, .. Enumerable.Repeat((byte)'\n', (int)Math.Max(0, file.Length - bytes.Length))];
            file.Write(filled);
            file.SetLength(bytes.Length);
            return;
        }

        System.IO.File.WriteAllBytes(path + "~", bytes);
        System.IO.File.Move(path + "~", path);
    }

    private void Link(string name, string target)
    {
        string path = Path.Combine(_home, name);
        if (Path.Exists(path)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateSymbolicLink(path, Path.Combine(_home, target));
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home, name)).FullName;
}
