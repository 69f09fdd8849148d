// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// Bad bytes that no record owns. The bnobt must agree that they are free; where it denies it they are unknown, and
/// where it cannot be read an rmapbt's word is taken.
/// </summary>
internal sealed class UnownedImpacts(XfsVolume volume, OwnershipAnswer owners)
{
    /// <param name="complete">False where neither structure says that the bytes are free.</param>
    public List<Impact> Of(ByteRangeSet bad, ByteRangeSet covered, out bool complete)
    {
        complete = true;
        var impacts = new List<Impact>();
        foreach ((uint ag, List<ByteRange> gaps) in GapsByGroup(bad, covered))
        {
            var window = ByteRangeSet.From(gaps);
            bool rmapbtSaysFree = owners.FreeGroups.Contains(ag);
            XfsVolume own = volume.WithOwnFaults();
            List<ByteRange>? free = FreeSpace.Read(own, volume.Group(ag), window);
            if (rmapbtSaysFree) volume.Faults.AddWorkedAround(own.Faults);
            else volume.Faults.AddAll(own.Faults);
            ByteRangeSet known = free is null
                ? (rmapbtSaysFree ? window : ByteRangeSet.Empty)
                : ByteRangeSet.From(free);
            foreach (ByteRange bytes in window)
            {
                impacts.AddRange(known.Within(bytes).Select(f => Impact.On(OwnerKind.Free, f, Severity.Harmless,
                    Costs.Free, "free space")));
                foreach (ByteRange unknown in known.Gaps(bytes))
                {
                    complete = false;
                    impacts.Add(Impact.On(OwnerKind.Unknown, unknown, Severity.Harmless, Costs.Unknown));
                    if (rmapbtSaysFree) Deny(unknown, ag);
                }
            }
        }

        return impacts;
    }

    private void Deny(ByteRange bytes, uint ag) => volume.Faults.Add(
        BlockFault.Bad("ar_startblock", "the rmapbt has no owner, and the bnobt does not call it free"),
        DeviceRole.Data, bytes.Offset, bytes.Length, $"free space of group {ag}");

    private SortedDictionary<uint, List<ByteRange>> GapsByGroup(ByteRangeSet bad, ByteRangeSet covered)
    {
        var byGroup = new SortedDictionary<uint, List<ByteRange>>();
        long agBytes = (long)volume.Geometry.AgBlocks << volume.Geometry.BlockLog;
        foreach (ByteRange range in bad)
        {
            foreach (ByteRange gap in covered.Gaps(range))
            {
                for (long at = gap.Offset; at < gap.End;)
                {
                    long ag = at / agBytes;
                    long end = Math.Min(gap.End, (ag + 1) * agBytes);
                    if (!byGroup.TryGetValue((uint)ag, out List<ByteRange>? gaps)) byGroup[(uint)ag] = gaps = [];
                    gaps.Add(ByteRange.FromTo(at, end));
                    at = end;
                }
            }
        }

        return byGroup;
    }
}
