// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Impacts on what belongs to no inode. Which of a group's btrees a block is in the kernel does not say.
/// </summary>
internal sealed class MountedStructures(MountedXfs xfs)
{
    private readonly MountedInodes _inodes = new(xfs);

    internal List<string> Gaps { get; } = [];

    internal IEnumerable<Impact> Of(in MountedPiece piece)
    {
        OwnerKind owner = piece.Row.Owner;
        ByteRange bytes = piece.Bytes;
        long group = piece.Row.Device == DeviceRole.Data ? bytes.Offset / GroupBytes : 0;
        IEnumerable<Impact> impacts = owner switch
        {
            OwnerKind.Filesystem when piece.Row.Device == DeviceRole.Data => HeaderWords.Explain(
                group, group * GroupBytes, xfs.Geometry.SectorSize, bytes),
            OwnerKind.Inodes => [OfInodes(bytes)],
            OwnerKind.Log => [Simple(Severity.Metadata, Costs.OfStructure(owner, null), "log")],
            OwnerKind.CowStaging => [Simple(Severity.Harmless, Costs.CowStaging, "copy-on-write staging")],
            OwnerKind.Free => [Simple(Severity.Harmless, Costs.Free, "free space")],
            OwnerKind.Ag => [Simple(Severity.Metadata, Costs.OfStructure(owner, null),
                $"{(xfs.Geometry.HasRmapbt ? "bnobt, cntbt or rmapbt" : "bnobt or cntbt")} of group {group}")],
            OwnerKind.InodeBtree => [Simple(Severity.Metadata, Costs.OfStructure(owner, null),
                $"inobt or finobt of group {group}")],
            OwnerKind.RefcountBtree => [Simple(Severity.Metadata, Costs.OfStructure(owner, null),
                $"refcountbt of group {group}")],
            _ => [Simple(Severity.Harmless, Costs.Unknown, null)],
        };
        DeviceRole device = piece.Row.Device;
        return device == DeviceRole.Data ? impacts : impacts.Select(impact => impact with { Device = device });

        Impact Simple(Severity severity, string cost, string? structure) =>
            Impact.On(owner, bytes, severity, cost, structure);
    }

    private long GroupBytes => xfs.Geometry.GroupBlocks * xfs.Geometry.BlockSize;

    private Impact OfInodes(ByteRange bytes)
    {
        Impact impact = Impact.On(OwnerKind.Inodes, bytes, Severity.Metadata, Costs.InodeChunk, "inode chunk");
        try
        {
            List<ulong> lost = _inodes.Allocated(
                xfs.Geometry.InodeAt(bytes.Offset), xfs.Geometry.InodeAt(bytes.End - 1));
            return impact with
            {
                Severity = lost.Count > 0 ? Severity.Metadata : Severity.Harmless,
                Cost = lost.Count > 0 ? Costs.InodeChunk : Costs.FreeInodes,
                LostInodes = [.. lost.Select(inode => new LostInode(inode, [], [], false))],
            };
        }
        catch (KernelRefusal refusal)
        {
            Gaps.Add(refusal.Message);
            return impact;
        }
    }
}
