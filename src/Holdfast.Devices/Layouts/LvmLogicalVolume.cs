// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>A stripe's place: a physical volume by its name inside the metadata, and an extent of it.</summary>
internal readonly record struct LvmStripe(string Key, long StartExtent);

/// <summary>One segment of a logical volume; positions in extents, the stripe size in bytes.</summary>
/// <param name="Type">"striped" (which linear is with a single stripe), "raid1", "thin", "snapshot" …</param>
internal sealed record LvmSegment(
    long StartExtent, long ExtentCount, string Type, long StripeSize, IReadOnlyList<LvmStripe> Stripes);

/// <summary>A logical volume as its group's metadata have it.</summary>
internal sealed record LvmLogicalVolume(string Name, string Uuid, bool IsVisible, IReadOnlyList<LvmSegment> Segments)
{
    private const string Striped = "striped";
    private const int SectorSize = 512;
    private const long CountMax = uint.MaxValue;

    /// <summary>Why the metadata of this volume make no sense; null where they do.</summary>
    internal string? Problem { get; private init; }

    /// <summary>The volumes that a mirror keeps its copies in, by name.</summary>
    internal IReadOnlyList<string> Copies { get; private init; } = [];

    /// <summary>For the pseudo-volume of a snapshot: the volume that holds its changed blocks.</summary>
    internal string? ChangesOfSnapshot { get; private init; }

    /// <summary>The first type that is neither linear nor striped; null where the volume can be mapped.</summary>
    internal string? OpaqueType => Segments.FirstOrDefault(s => s.Type != Striped)?.Type;

    internal static LvmLogicalVolume Read(LvmSection section)
    {
        var segments = new List<LvmSegment>();
        var copies = new List<string>();
        string? problem = null;
        string? changes = null;
        foreach (LvmSection part in section.Sections.Where(s => s.Name.StartsWith("segment", StringComparison.Ordinal)))
        {
            if (TryReadSegment(part, out LvmSegment? segment)) segments.Add(segment!);
            else problem ??= $"{part.Name} makes no sense";
            // The metadata volumes of a mirror stand among its copies.
            if (segment?.Type is "raid1" or "mirror")
            {
                copies.AddRange(part.Array("raids").Concat(part.Array("mirrors")).OfType<string>()
                    .Where(n => !n.Contains("_rmeta_", StringComparison.Ordinal)));
            }

            if (segment?.Type == "snapshot") changes = part.Text("cow_store");
        }

        if (segments.Count == 0) problem ??= "it has no segments";
        segments.Sort((a, b) => a.StartExtent.CompareTo(b.StartExtent));
        string uuid = section.Text("id") ?? string.Empty;
        return new(Printable.Of(section.Name), uuid, section.HasFlag("status", "VISIBLE"), segments)
        {
            Problem = problem,
            Copies = copies,
            ChangesOfSnapshot = changes,
        };
    }

    private static bool TryReadSegment(LvmSection part, out LvmSegment? segment)
    {
        segment = null;
        long? start = part.Number("start_extent");
        long? count = part.Number("extent_count");
        if (start is not (>= 0 and <= CountMax) || count is not (> 0 and <= CountMax)) return false;
        string type = part.Text("type") ?? string.Empty;
        if (type != Striped)
        {
            segment = new(start.Value, count.Value, type.Length == 0 ? "untyped" : Printable.Of(type), 0, []);
            return true;
        }

        IReadOnlyList<object> pairs = part.Array("stripes");
        var stripes = new List<LvmStripe>();
        for (int i = 0; i + 1 < pairs.Count; i += 2)
        {
            if (pairs[i] is not string key || pairs[i + 1] is not (long extent and >= 0 and <= CountMax)) return false;
            stripes.Add(new(key, extent));
        }

        long stripeSectors = part.Number("stripe_size") ?? 0;
        if (stripes.Count == 0 || stripes.Count != part.Number("stripe_count")) return false;
        if (stripes.Count > 1 && stripeSectors is <= 0 or > CountMax) return false;
        segment = new(start.Value, count.Value, type, stripeSectors * SectorSize, stripes);
        return true;
    }
}
