// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Processes;

/// <summary>
/// Which filesystem a process's files lie on: by the number of the mount (never the same for two mounts, whatever the
/// namespace) or of the device; overlays are looked through. Of one question: mounts come and go. For several threads.
/// </summary>
internal sealed class MountTable(KernelRoots roots)
{
    private const string Overlay = "overlay";
    private static readonly byte[] Deleted = " (deleted)"u8.ToArray();

    private readonly ConcurrentDictionary<int, Mount> _byId = new();
    private readonly ConcurrentDictionary<DeviceNumber, ConcurrentBag<Mount>> _byDevice = new();
    private readonly ConcurrentDictionary<DeviceNumber, OverlayLayers> _layers = new();

    /// <param name="isCertain">False where an overlay cannot be looked through to the end.</param>
    /// <returns>The file's place among the wanted ones; -1 where it is none of them.</returns>
    internal int FileOf(
        WantedFiles wanted, int process, int folder, in MemoryMapping mapping, out bool isCertain)
    {
        isCertain = true;
        int file = wanted.Find(mapping.Device, mapping.Inode);
        if (file >= 0) return file;
        if (!_byDevice.ContainsKey(mapping.Device)) Read(process);
        if (!_byDevice.TryGetValue(mapping.Device, out ConcurrentBag<Mount>? mounts)) return -1;
        if (!mounts.TryPeek(out Mount? first) || first.FileSystemType != Overlay) return -1;
        // The folder of links from addresses to files names them as the process sees them.
        byte[]? path = LinkTarget.ReadAt(folder, $"map_files/{mapping.Start:x}-{mapping.End:x}");
        return Through(wanted, mounts, mapping.Inode, path, out isCertain);
    }

    /// <inheritdoc cref="FileOf(WantedFiles, int, int, in MemoryMapping, out bool)"/>
    internal int FileOf(
        WantedFiles wanted, int process, int folder, in FoundDescriptor descriptor, out bool isCertain)
    {
        isCertain = true;
        if (!_byId.ContainsKey(descriptor.MountId)) Read(process);
        if (!_byId.TryGetValue(descriptor.MountId, out Mount? mount))
        {
            // Unmounted lazily: no process sees the mount any more, and the number alone says little.
            isCertain = false;
            return wanted.Of(descriptor.Inode) is [var only] ? only : -1;
        }

        if (mount.FileSystemType != Overlay) return wanted.Find(mount.Device, descriptor.Inode);
        byte[]? path = LinkTarget.ReadAt(folder, $"fd/{descriptor.Descriptor.Number}");
        return Through(wanted, [mount], descriptor.Inode, path, out isCertain);
    }

    private int Through(
        WantedFiles wanted, IEnumerable<Mount> mounts, ulong shown, byte[]? path, out bool isCertain)
    {
        isCertain = true;
        IReadOnlyList<int> candidates = wanted.Of(OverlayInode.Below(shown));
        if (candidates.Count == 0) return -1;
        OverlayLayers? layers = null;
        foreach (Mount mount in mounts)
        {
            layers = _layers.GetOrAdd(mount.Device, _ => new OverlayLayers(mount.SuperOptions));
            if (path is null || PathIn(mount, path) is not { } inside) continue;
            if (layers.Find(inside) is not { } real) continue;
            foreach (int file in candidates)
            {
                if (real.Inode == wanted[file].Inode && real.LiesOn == wanted[file].Device) return file;
            }

            // It is another file, found for certain.
            return -1;
        }

        // Deleted, or its layers are not to be seen from here: the number is right, and one of the layers may be.
        isCertain = false;
        foreach (int file in candidates) if (layers?.MayLieOn(wanted[file].Device) == true) return file;
        return -1;
    }

    /// <summary>A path as a process sees it, from the mount's root on; null where it lies elsewhere.</summary>
    private static byte[]? PathIn(Mount mount, byte[] path)
    {
        ReadOnlySpan<byte> rest = path;
        if (rest.EndsWith(Deleted)) return null;
        byte[] point = Encoding.UTF8.GetBytes(mount.MountPoint.TrimEnd('/') + "/");
        if (!rest.StartsWith(point)) return null;
        byte[] root = Encoding.UTF8.GetBytes(mount.Root.TrimEnd('/') + "/");
        return [.. root, .. rest[point.Length..]];
    }

    private void Read(int process)
    {
        foreach ((int id, Mount mount) in Mount.ReadNumbered(roots, process.ToString()))
        {
            if (!_byId.TryAdd(id, mount)) continue;
            _byDevice.GetOrAdd(mount.Device, _ => []).Add(mount);
        }
    }
}
