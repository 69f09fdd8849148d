// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Media;

namespace Holdfast.Cli.Output;

/// <summary>What a scan found, for people or as holdfast.scan/1.</summary>
internal static class ScanOutput
{
    private const int RangesShownMax = 50;

    /// <param name="size">Bytes of the device.</param>
    /// <param name="domain">What was to be read.</param>
    /// <param name="isWhole">It came to the end.</param>
    public static void Write(
        bool isJson, string target, long size, ByteRangeSet domain, ScanState state, bool isWhole, string? mapfile)
    {
        using Stream output = DescriptorStream.OpenOutput();
        if (isJson) WriteJson(output, target, size, domain, state, isWhole);
        else WriteText(output, target, domain, state, isWhole, mapfile);
    }

    private static void WriteText(
        Stream output, string target, ByteRangeSet domain, ScanState state, bool isWhole, string? mapfile)
    {
        using IPage page = Terminal.OpenPage(output);
        long done = domain.Intersect(state.Done).TotalLength;
        page.Text(
            new Styled(VisibleText.Of(target), Tone.Heading),
            $": {ByteText.Of(done)} of {ByteText.Of(domain.TotalLength)} read");
        page.Blank();
        if (state.Bad.IsEmpty) page.Text(new Styled("No sector was found that cannot be read.", Tone.Good));
        else
        {
            string ranges = ByteText.Count(state.Bad.Count, "bad range", "bad ranges");
            page.Text(new Styled($"{ranges}, {ByteText.Of(state.Bad.TotalLength)}, cannot be read.", Tone.Bad));
            foreach (ByteRange range in state.Bad.Take(RangesShownMax))
            {
                page.Line([ReportText.Right(ByteText.Of(range.Length)), "  "], string.Create(
                    CultureInfo.InvariantCulture, $"at byte {range.Offset}"));
            }

            ReportText.WriteRest(page, state.Bad.Count, "--json lists all", RangesShownMax);
        }

        if (!state.Unsure.IsEmpty)
        {
            page.Text(new Styled(
                $"{ByteText.Of(state.Unsure.TotalLength)} could not be read for another reason than the medium.",
                Tone.Warning));
        }

        if (!isWhole)
        {
            page.Text(new Styled(
                mapfile is null ? "Stopped before the end." : "Stopped before the end; the same command goes on.",
                Tone.Warning));
        }

        if (state.Bad.IsEmpty || mapfile is null) return;
        page.Blank();
        page.Text($"What it cost: holdfast locate {VisibleText.Of(target)} --mapfile {VisibleText.Of(mapfile)}");
    }

    private static void WriteJson(
        Stream output, string target, long size, ByteRangeSet domain, ScanState state, bool isWhole)
    {
        using (var json = new Utf8JsonWriter(output, ReportJson.Options(isForPeople: false)))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, "holdfast.scan/1");
            json.WriteString("target"u8, target);
            json.WriteNumber("size"u8, size);
            json.WriteNumber("wanted_bytes"u8, domain.TotalLength);
            json.WriteNumber("read_bytes"u8, domain.Intersect(state.Done).TotalLength);
            json.WriteBoolean("complete"u8, isWhole && state.Unsure.IsEmpty);
            Write(json, "bad"u8, state.Bad);
            Write(json, "unsure"u8, state.Unsure);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ByteRangeSet ranges)
    {
        json.WriteStartArray(name);
        foreach (ByteRange range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("offset"u8, range.Offset);
            json.WriteNumber("length"u8, range.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
