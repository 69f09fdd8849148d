// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// What a hit on the fixed headers of an allocation group means: a sector each for superblock, AGF, AGI and AGFL.
/// </summary>
public static class HeaderWords
{
    private static readonly string[] Sectors = ["secondary superblock", "AGF", "AGI", "AGFL"];

    /// <param name="start">First byte of the group.</param>
    /// <param name="sectorSize">Bytes.</param>
    /// <param name="hit">Within the group's first blocks.</param>
    public static IEnumerable<Impact> Explain(long group, long start, int sectorSize, ByteRange hit)
    {
        for (int sector = 0; sector < Sectors.Length; sector++)
        {
            ByteRange bytes = new ByteRange(start + (sector * sectorSize), sectorSize).Intersect(hit);
            if (bytes.IsEmpty) continue;
            string word = group == 0 && sector == 0 ? "superblock" : Sectors[sector];
            yield return Impact.On(
                OwnerKind.Filesystem, bytes, Severity.Metadata, Costs.OfHeader(word)!,
                word == "superblock" ? word : $"{word} of group {group}");
        }

        long rest = start + (Sectors.Length * sectorSize);
        if (hit.End <= rest) yield break;
        yield return Impact.On(
            OwnerKind.Filesystem, ByteRange.FromTo(Math.Max(rest, hit.Offset), hit.End), Severity.Harmless,
            Costs.HeaderPadding, $"unused header space of group {group}");
    }
}
