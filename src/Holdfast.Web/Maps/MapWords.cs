// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Failures.Wording;

namespace Holdfast.Web.Maps;

/// <summary>What a map says in words: to those who cannot see it, and to those who point at a cell.</summary>
public static class MapWords
{
    public static string Of(MapContent content) => content switch
    {
        MapContent.FileData => "content of files",
        MapContent.Metadata => "metadata",
        MapContent.Unknown => "owner not known",
        _ => "harmless",
    };

    /// <summary>The class that the style sheet paints it by.</summary>
    public static string ClassOf(MapContent content) => content switch
    {
        MapContent.FileData => "file-data",
        MapContent.Metadata => "metadata",
        MapContent.Unknown => "unknown",
        _ => "harmless",
    };

    /// <summary>
    /// How much of a cell's height it takes: what hurts more stands higher, so that a map can be read without its
    /// colours. 0 to 1.
    /// </summary>
    public static double HeightOf(MapContent content) => content switch
    {
        MapContent.FileData => 1,
        MapContent.Metadata => 0.75,
        MapContent.Unknown => 0.5,
        _ => 0.3,
    };

    public static string Of(MapRun run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ByteText.Of(run.Bad)} bad in bytes {run.Bytes.Offset}–{run.Bytes.End - 1}: {Of(run.Content)}");

    public static string Place(ByteRange bytes) => string.Create(
        CultureInfo.InvariantCulture, $"at byte {bytes.Offset} ({ByteText.Of(bytes.Offset)})");
}
