// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// One XFS filesystem on its data device: geometry, groups and verified reads. Borrows the source. What cannot be
/// believed is put into <see cref="Faults"/> and left out; nothing here throws on damaged input.
/// </summary>
public sealed class XfsVolume
{
    private readonly Lazy<AllocationGroup>[] _groups;

    private XfsVolume(XfsVolume volume)
    {
        Data = volume.Data;
        Geometry = volume.Geometry;
        _groups = volume._groups;
    }

    private XfsVolume(IBlockSource data, Geometry geometry)
    {
        Data = data;
        Geometry = geometry;
        _groups = new Lazy<AllocationGroup>[geometry.AgCount];
        for (uint ag = 0; ag < geometry.AgCount; ag++)
        {
            uint number = ag;
            _groups[ag] = new(() => AgHeaderReader.Read(this, number));
        }
    }

    /// <summary>More groups than this are hostile: the table of groups would outgrow the answer.</summary>
    public const uint AgCountMax = 1 << 20;

    public IBlockSource Data { get; }

    public Geometry Geometry { get; }

    public Features Features => Geometry.Features;

    public FaultLog Faults { get; } = new();

    /// <summary>
    /// Reads the superblock, or a secondary one where the primary cannot be believed, and opens the volume.
    /// </summary>
    /// <returns>Null with a fault where no superblock can be believed or a feature is not understood.</returns>
    internal static XfsVolume? Open(IBlockSource data, out BlockFault fault) =>
        SuperblockReader.TryRead(data, out Geometry? geometry, out fault, out BlockFault primaryFault)
            ? Opened(data, geometry!, primaryFault)
            : null;

    public AllocationGroup Group(uint ag) => _groups[ag].Value;

    /// <summary>
    /// The same volume with faults of its own: for a way of finding something that has another way beside it, so that
    /// what only the failed way needed does not make the answer incomplete.
    /// </summary>
    public XfsVolume WithOwnFaults() => new(this);

    /// <summary>Reads one filesystem block of a group.</summary>
    public BlockFault ReadBlock(uint ag, AgBlock block, Span<byte> buffer)
    {
        if (!Geometry.IsValid(ag, block)) return BlockFault.OutOfBounds("block", block.Value, Geometry.AgBlocks - 1);
        ReadFault read = Data.Read(Geometry.ByteOf(ag, block), buffer);
        return read.IsNone ? BlockFault.None : BlockFault.Unreadable(read);
    }

    /// <summary>This inode will be read soon. False: more such hints are not worth the work.</summary>
    internal bool Prefetch(InodeNumber inode) =>
        Geometry.IsValid(inode) && Data.Prefetch(Geometry.ByteOf(inode), Geometry.InodeSize);

    private static XfsVolume Opened(IBlockSource data, Geometry geometry, BlockFault primaryFault)
    {
        var volume = new XfsVolume(data, geometry);
        if (!primaryFault.IsNone)
        {
            volume.Faults.Add(primaryFault, DeviceRole.Data, 0, geometry.SectorSize, "superblock");
        }

        if (data.Length < geometry.DataLength)
        {
            volume.Faults.Add(
                BlockFault.Wrong("length", $"{geometry.DataLength} bytes", $"{data.Length} bytes"),
                DeviceRole.Data, data.Length, geometry.DataLength - data.Length, "device");
        }

        return volume;
    }
}
