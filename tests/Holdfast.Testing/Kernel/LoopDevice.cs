// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Kernel;

/// <summary>A loop device over an image file; detached when disposed.</summary>
public sealed class LoopDevice : IDisposable
{
    private bool _detached;

    private LoopDevice(string path, ulong number)
    {
        Path = path;
        Number = number;
    }

    public string Path { get; }

    /// <summary>The device number in the encoding that the kernel gives to user space.</summary>
    public ulong Number { get; }

    /// <param name="hasPartitions">It may be given partitions.</param>
    /// <param name="offset">Where in the image the device begins, in bytes.</param>
    public static LoopDevice Attach(string image, bool readOnly, bool hasPartitions = false, long offset = 0)
    {
        string[] modes = ["--read-only", "--partscan"];
        IEnumerable<string> mode = modes.Where(name => name == modes[0] ? readOnly : hasPartitions);
        string path = ProgramRun.Require(
            "losetup", [.. mode, "--offset", $"{offset}", "--show", "--find", image]).Text.Trim();
        RemovePartitions(path);
        return new(path, DeviceNumber.Of(path));
    }

    /// <summary>
    /// Has a device that was detached in use again, so that the next that is attached has another number; null where
    /// somebody else has it already.
    /// </summary>
    public static LoopDevice? Occupy(string path, string image) =>
        ProgramRun.Start("losetup", null, "--read-only", path, image).ExitStatus == 0
            ? new(path, DeviceNumber.Of(path))
            : null;

    public void Dispose()
    {
        if (_detached) return;
        _detached = true;
        RemovePartitions(Path);
        ProgramRun.Require("losetup", "--detach", Path);
    }

    /// <summary>
    /// Partitions that were added by hand outlive the detaching, and lie on whatever is attached there next.
    /// </summary>
    private static void RemovePartitions(string path)
    {
        string name = System.IO.Path.GetFileName(path);
        string folder = $"/sys/block/{name}";
        if (!Directory.Exists(folder)) return;
        foreach (string partition in Directory.GetDirectories(folder, $"{name}p*"))
        {
            string number = System.IO.Path.GetFileName(partition)[(name.Length + 1)..];
            ProgramRun.Start("delpart", null, path, number);
        }
    }
}
