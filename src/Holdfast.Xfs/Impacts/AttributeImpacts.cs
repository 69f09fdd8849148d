// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// What a hit on an attribute fork costs: the very attribute where the block holds a remote value, what it may have
/// held where a leaf or node is lost. An ACL is ruled out where its name would have been elsewhere.
/// </summary>
internal static class AttributeImpacts
{
    private static readonly uint[] AclHashes =
        [DirectoryName.Hash("SGI_ACL_FILE"u8), DirectoryName.Hash("SGI_ACL_DEFAULT"u8)];

    private readonly record struct Remote(ulong First, ulong End, string Kind, string Name);

    private readonly record struct Gap(ulong Block, uint LowHash, uint HighHash);

    public static Impact Explain(XfsVolume volume, in Inode inode, Impact impact)
    {
        // The faults met here are the hit itself: the impact says so.
        XfsVolume own = volume.WithOwnFaults();
        var survey = new Survey(volume.Geometry, volume.Features.IsV5, [], []);
        using (var reader = new AttributeReader(own)) reader.Read(in inode, ref survey);
        int log = volume.Geometry.BlockLog;
        ulong first = (ulong)impact.FileOffset!.Value >> log;
        ulong end = (ulong)(impact.FileOffset.Value + impact.Length + (1L << log) - 1) >> log;
        List<Remote> remotes = survey.Remotes.FindAll(r => r.First < end && first < r.End);
        List<Gap> gaps = survey.Gaps.FindAll(g => g.Block >= first && g.Block < end);
        var kinds = new SortedSet<string>(remotes.Select(r => r.Kind), StringComparer.Ordinal);
        foreach (Gap gap in gaps) kinds.UnionWith(MayHold(volume, gap));
        // A block that no surviving leaf leads to: below a lost one, or part of a value whose name is lost.
        if (remotes.Count == 0 && gaps.Count == 0) kinds.UnionWith(MayHold(volume, new(0, 0, uint.MaxValue)));
        string structure = gaps.Count > 0 ? "attribute leaf or node"
            : remotes.Count > 0 ? $"attribute value of {string.Join(", ", remotes.Select(r => r.Name).Distinct())}"
            : "attribute block";
        return impact with { Structure = structure, AttributeKinds = [.. AttributeKinds.All.Where(kinds.Contains)] };
    }

    private static IEnumerable<string> MayHold(XfsVolume volume, Gap gap)
    {
        if (volume.Features.ParentPointers) yield return AttributeKinds.Parent;
        if (AclHashes.Any(h => h >= gap.LowHash && h <= gap.HighHash)) yield return AttributeKinds.Acl;
        yield return AttributeKinds.Security;
        yield return AttributeKinds.Trusted;
        yield return AttributeKinds.User;
    }

    private readonly struct Survey(Geometry geometry, bool hasCrc, List<Remote> remotes,
        List<Gap> gaps) : IAttributeVisitor
    {
        public List<Remote> Remotes => remotes;

        public List<Gap> Gaps => gaps;

        public void Attribute(in AttributeEntry attribute)
        {
            if (attribute.IsLocal || attribute.ValueBlock.Value == 0) return;
            ulong blocks = (ulong)AttributeRemoteValue.BlocksOf(attribute.ValueLength, geometry.BlockSize, hasCrc);
            string space = attribute.Namespace.ToString().ToLowerInvariant();
            string name = $"{space}.{Encoding.UTF8.GetString(attribute.Name)}";
            remotes.Add(new(attribute.ValueBlock.Value, attribute.ValueBlock.Value + blocks, attribute.Kind, name));
        }

        public void Lost(FileBlock block, uint lowHash, uint highHash) => gaps.Add(new(block.Value, lowHash, highHash));
    }
}
