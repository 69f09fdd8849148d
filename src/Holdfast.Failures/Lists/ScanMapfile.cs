// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Failures.Lists;

/// <summary>
/// What a scan found, as a mapfile of GNU ddrescue: '+' read, '-' bad sectors, '/' not read for another reason than the
/// medium, '?' not tried. What ddrescue goes on from, so does the next scan.
/// </summary>
public static class ScanMapfile
{
    /// <param name="stream">Where to write; stays the caller's, its I/O errors are thrown.</param>
    /// <param name="done">What was read, good or bad.</param>
    /// <param name="size">Bytes of the device.</param>
    /// <param name="comment">A line for the head, without '#'.</param>
    public static void Write(
        Stream stream, ByteRangeSet done, ByteRangeSet bad, ByteRangeSet unsure, long size, string comment)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        var whole = new ByteRange(0, size);
        List<(ByteRange Range, char Status)> blocks =
        [
            .. bad.Within(whole).Select(range => (range, '-')),
            .. unsure.Except(bad).Within(whole).Select(range => (range, '/')),
            .. done.Except(bad).Except(unsure).Within(whole).Select(range => (range, '+')),
            .. done.Union(bad).Union(unsure).Gaps(whole).Select(range => (range, '?')),
        ];
        blocks.Sort((left, right) => left.Range.Offset.CompareTo(right.Range.Offset));
        bool isFinished = blocks.TrueForAll(block => block.Status != '?');
        long position = blocks.Find(block => block.Status == '?').Range.Offset;
        var text = new StringBuilder("# Mapfile. Created by holdfast\n# ");
        foreach (char character in comment) text.Append(char.IsControl(character) ? ' ' : character);
        text.Append("\n# current_pos  current_status  current_pass\n");
        text.Append(
            CultureInfo.InvariantCulture, $"0x{position:X8}     {(isFinished ? '+' : '?')}               1\n");
        text.Append("#      pos        size  status\n");
        foreach ((ByteRange range, char status) in blocks)
        {
            text.Append(CultureInfo.InvariantCulture, $"0x{range.Offset:X8}  0x{range.Length:X8}  {status}\n");
        }

        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
