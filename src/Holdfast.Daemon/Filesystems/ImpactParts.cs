// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Holders;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Daemon.Filesystems;

/// <summary>An answer to many ranges at once, cut to each of them.</summary>
/// <param name="impacts">Of one device of the filesystem, in its bytes.</param>
/// <param name="gap">Why it is incomplete; null where it is whole.</param>
internal sealed class ImpactParts(IReadOnlyList<Impact> impacts, string? gap)
{
    /// <param name="range">Bytes of the filesystem's device.</param>
    internal ResolvedRange Of(ByteRange range)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (Impact impact in impacts)
            {
                if (Clip(impact, range) is { } part) ImpactJson.Write(json, part);
            }

            json.WriteEndArray();
        }

        return new(buffer.WrittenMemory, gap is null, gap);
    }

    /// <summary>
    /// The part of an impact that lies in one range. Bytes of a file follow its place; what a structure costs is lost
    /// with any part of it.
    /// </summary>
    private static Impact? Clip(Impact impact, ByteRange range)
    {
        ByteRange part = new ByteRange(impact.Physical, impact.Length).Intersect(range);
        if (part.IsEmpty) return null;
        if (part.Length == impact.Length) return impact;
        long skipped = part.Offset - impact.Physical;
        return impact with
        {
            Physical = part.Offset,
            Length = part.Length,
            FileOffset = impact.FileOffset + skipped,
            LostBytes = Math.Clamp(impact.LostBytes - skipped, 0, part.Length),
        };
    }
}
