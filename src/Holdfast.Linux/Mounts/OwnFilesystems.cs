// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core.Configuration;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Mounts;

/// <summary>
/// The filesystems that nothing of ours may freeze, shut down or make read-only: the root, and those that the ledger,
/// the spool, the socket, the logs and our own programs lie on, also by way of an overlay, a loop device or a mapped
/// one. Of an overlay whose folders cannot be seen from here only itself is known.
/// </summary>
public sealed class OwnFilesystems
{
    private const int DepthMax = 16;

    private readonly Dictionary<DeviceNumber, string> _known = [];
    private readonly KernelRoots _roots;

    private OwnFilesystems(KernelRoots roots) => _roots = roots;

    public static OwnFilesystems Of(DaemonConfiguration configuration, KernelRoots roots)
    {
        var own = new OwnFilesystems(roots);
        foreach ((string path, string what) in (IEnumerable<(string, string)>)[
            ("/", "the root filesystem"), (configuration.LedgerPath, "the ledger"),
            (configuration.SpoolPath, "the spool"),
            (configuration.SocketPath, "the daemon's socket"), ("/var/log", "the logs"),
            ("/run/log/journal", "the journal"), ("/var/log/journal", "the journal"),
            (AppContext.BaseDirectory, "Holdfast's own program")])
        {
            own.Add(path, what);
        }

        foreach (string path in MappedFiles(roots, "self")) own.Add(path, "a library of Holdfast's own");
        own.AddDaemons();
        return own;
    }

    /// <summary>What of ours lies on a filesystem, in words; null where nothing does.</summary>
    public string? Find(DeviceNumber filesystem) => _known.GetValueOrDefault(filesystem);

    private void Add(string path, string what)
    {
        // What is not there yet will be made in the folder above.
        string? at = path;
        while (at is not null && !Path.Exists(at)) at = Path.GetDirectoryName(at);
        if (at is not null && FileIdentity.Of(at) is { } found) Add(found.LiesOn, what);
    }

    private void Add(DeviceNumber device, string what)
    {
        var next = new Stack<(DeviceNumber Device, int Depth)>([(device, 0)]);
        while (next.TryPop(out (DeviceNumber Device, int Depth) at))
        {
            if (at.Depth > DepthMax || (!_known.TryAdd(at.Device, what) && at.Depth == 0)) continue;
            foreach (DeviceNumber below in Below(at.Device)) next.Push((below, at.Depth + 1));
        }
    }

    /// <summary>What a filesystem, or a device under one, rests on.</summary>
    private IEnumerable<DeviceNumber> Below(DeviceNumber device)
    {
        if (BlockDevice.Find(_roots, device) is { } block)
        {
            if (block.BackingFile is { } file && FileIdentity.Of(file) is { } backing) yield return backing.LiesOn;
            foreach (BlockDevice member in block.Members) yield return member.Number;
            if (block.Disk is { } disk) yield return disk.Number;
            yield break;
        }

        Mount? overlay = Mount.ReadAll(_roots).FirstOrDefault(at => at.Device == device
            && at.FileSystemType == "overlay");
        if (overlay is null) yield break;
        foreach (DeviceNumber layer in new OverlayLayers(overlay.SuperOptions).Devices) yield return layer;
    }

    /// <summary>A daemon that runs by another configuration than was read: its program, and what it writes.</summary>
    private void AddDaemons()
    {
        foreach (string folder in Directory.EnumerateDirectories(_roots.Proc))
        {
            string process = Path.GetFileName(folder);
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n') != "holdfastd") continue;
                foreach (string path in MappedFiles(_roots, process)) Add(path, "the daemon's program");
                foreach (string descriptor in Directory.EnumerateFiles(Path.Combine(folder, "fd")))
                {
                    // Devices and folders that it looks at are not its own.
                    string? path = new FileInfo(descriptor).LinkTarget;
                    bool isOwn = path is not null && path.StartsWith('/') && File.Exists(path)
                        && Writes(Path.Combine(folder, "fdinfo", Path.GetFileName(descriptor)))
                        && FileIdentity.Of(path)?.Device is null && !path.StartsWith("/dev/", StringComparison.Ordinal);
                    if (isOwn) Add(path!, "what the daemon writes");
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }
    }

    /// <summary>"flags:" of fdinfo, in octal (proc(5)): the last two bits are O_WRONLY and O_RDWR.</summary>
    private static bool Writes(string path) => File.ReadLines(path)
        .FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal)) is [.., '1' or '2' or '5' or '6'];

    private static IEnumerable<string> MappedFiles(KernelRoots roots, string process) =>
        File.ReadLines(Path.Combine(roots.Proc, process, "maps"))
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is > 0 and var at ? line[at..] : "")
            .Where(path => path.Length > 0 && File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal))
            .Distinct();
}
