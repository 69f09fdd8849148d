// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Stack;

/// <summary>What devices and files lie on: by sysfs, tables of device-mapper, the files under loop devices.</summary>
/// <param name="tableOf">The table of a mapped device, as `dmsetup table` prints it; null where it is not to be
/// had.</param>
internal sealed class StackSteps(KernelRoots roots, Func<BlockDevice, string?> tableOf)
{
    private const string Nameless = "no name seen from here leads to the file that the device has open";

    internal StackMember Of(BlockDevice device)
    {
        string kind = device.PartitionNumber is not null ? "partition"
            : device.IsLoop ? "loop"
            : device.IsRaid ? device.RaidLevel ?? "md"
            : device.MappedName is not null ? "device-mapper"
            : device.Pmem is not null ? "pmem"
            : IsCached(device) ? "bcache"
            : "disk";
        return new(device.Node, kind, device, () => device.Size, () => Below(device));
    }

    /// <summary>A file as a layer.</summary>
    internal StackMember Of(string path, FileIdentity file) => new(
        path, "file", null, () => FileIdentity.LengthOf(path), () => BelowFile(path, file));

    private StackStep Below(BlockDevice device) =>
        device.PartitionNumber is not null && device.Disk is { } disk ? OnDisk(device, disk)
        : device.IsLoop ? OnBacking(device)
        : device.IsRaid ? OnArray(device)
        : device.MappedName is not null ? OnTable(device)
        : device.Pmem is { } pmem ? PmemSteps.Below(pmem)
        : OnOthers(device);

    /// <summary>A driver of its own kind, which tells sysfs what it stands on and nothing more; or a disk.</summary>
    private StackStep OnOthers(BlockDevice device)
    {
        StackMember[] members = [.. device.Members.Select(Of)];
        if (members.Length == 0) return StackStep.Bottom;
        string what = IsCached(device) ? "bcache: what lies in the cache" : "how its bytes lie on these";
        return new() { Opaque = $"{what} cannot be told", Members = members };
    }

    private static bool IsCached(BlockDevice device) => device.Name.StartsWith("bcache", StringComparison.Ordinal);

    private StackStep OnDisk(BlockDevice device, BlockDevice disk) => new()
    {
        Layer = new LinearLayer("partition", [new(0, device.Size ?? 0, 0, device.PartitionStart)]),
        Members = [Of(disk)],
    };

    private StackStep OnBacking(BlockDevice device)
    {
        if (device.BackingFile is not { } path) return StackStep.Bottom;
        return new()
        {
            Layer = new LinearLayer("loop", [new(0, device.Size ?? 0, 0, device.LoopOffset)]),
            Members = [Backing(device, path)],
        };
    }

    private StackMember Backing(BlockDevice loop, string path)
    {
        var nameless = new StackMember(path, "file", null, () => null, () => new() { Opaque = Nameless });
        if (FileIdentity.Of(path) is not { } found) return nameless;
        if (found.Device is null && BlockDevice.Find(roots, found.LiesOn) is null)
        {
            // The way down ends here, whether or not it is the file: who only goes down need not have it looked at.
            var file = new Lazy<StackMember>(() => IsHeld(loop, found) ? Of(path, found) : nameless);
            return nameless with { Size = () => file.Value.Size(), Below = () => file.Value.Below(), EndsHere = true };
        }

        if (!IsHeld(loop, found)) return nameless;
        return found.Device is { } number && BlockDevice.Find(roots, number) is { } below
            ? Of(below)
            : Of(path, found);
    }

    /// <summary>Is it the file that the loop device has open, as far as the kernel says?</summary>
    private static bool IsHeld(BlockDevice loop, FileIdentity file) =>
        LoopBacking.Of(loop) is not { } held || held == file;

    private StackStep BelowFile(string path, FileIdentity file)
    {
        if (BlockDevice.Find(roots, file.LiesOn) is not { } host)
        {
            return new() { Opaque = "a file on a filesystem that lies on no one device" };
        }

        string? opaque;
        try
        {
            using FileExtents extents = FileExtents.Open(path);
            opaque = extents.Opaque;
        }
        catch (KernelRefusal refusal)
        {
            opaque = $"a file that cannot be looked at: {refusal.Message}";
        }

        return new()
        {
            Layer = opaque is null ? new FileLayer(path, file) : null,
            Opaque = opaque,
            Members = [Of(host)],
        };
    }

    private StackStep OnArray(BlockDevice device)
    {
        RaidArray array = device.ReadArray();
        return new()
        {
            Layer = array.Layer,
            Opaque = array.Opaque,
            Missing = array.Missing,
            Members =
            [
                .. array.Members.Select(name => name is not null && BlockDevice.Find(roots, name) is { } member
                    ? Of(member)
                    : null),
            ],
        };
    }

    private StackStep OnTable(BlockDevice device)
    {
        if (tableOf(device) is not { } text)
        {
            return new() { Opaque = "its table cannot be read", Members = [.. device.Members.Select(Of)] };
        }

        MapperTable table = MapperTable.Parse(text);
        return new()
        {
            Layer = table.Layer,
            Opaque = table.Opaque is { } target ? $"{target}: where its bytes lie cannot be followed" : null,
            Members =
            [
                .. table.Members.Select(number => BlockDevice.Find(roots, number) is { } member
                    ? Of(member)
                    : null),
            ],
        };
    }
}
