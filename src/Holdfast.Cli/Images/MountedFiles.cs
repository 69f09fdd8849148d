// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Devices.Sources;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;

namespace Holdfast.Cli.Images;

/// <summary>Files of a mounted filesystem, read through the kernel.</summary>
/// <param name="answer">What was found damaged: which generation of an inode a file is.</param>
internal sealed class MountedFiles(KernelTarget target, MountedAnswer answer) : IImageFiles
{
    private readonly Lazy<ILookup<FileIdentity, BlockDevice>> _loops = new(() =>
        BlockDevice.LoopFiles(KernelRoots.Real).ToLookup(at => at.File, at => at.Loop));

    public IImage? Open(DamagedFile file, out string why)
    {
        why = "";
        if (!answer.Inodes.TryGetValue(file.Inode, out MountedInode inode)) why = "its inode cannot be read";
        else if (inode.IsRealtime) why = "it lies on the realtime device, which is not read";
        if (why.Length > 0) return null;
        DeviceBlockSource? source = target.OpenFile(inode, file.Name);
        if (source is not null)
        {
            var identity = new FileIdentity(target.Device, file.Inode, null);
            return new MountedImage(source, file, identity, [.. _loops.Value[identity]]);
        }

        why = "it is gone, or somebody holds a lease on it";
        return null;
    }
}
