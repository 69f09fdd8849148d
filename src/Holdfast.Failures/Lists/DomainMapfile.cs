// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Failures.Lists;

/// <summary>
/// Writes a mapfile that ddrescue takes as its <c>--domain-mapfile</c>: what is to be read is finished ('+'), the rest
/// of the device non-tried ('?'). The blocks are contiguous from 0 to the device's size, so no <c>--loose-domain</c>
/// is needed.
/// </summary>
public static class DomainMapfile
{
    private const int LineBytesMax = 48;
    private const int BufferBytes = 1 << 16;

    /// <param name="stream">Where to write; stays the caller's, its I/O errors are thrown.</param>
    /// <param name="domain">What is to be read; its bytes past the device's end are left out.</param>
    /// <param name="size">Size of the device in bytes.</param>
    /// <param name="comments">Lines for the head of the file, without '#'; line breaks in them become spaces.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1.</exception>
    public static void Write(Stream stream, ByteRangeSet domain, long size, params IEnumerable<string> comments)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        WriteHead(stream, comments);
        byte[] buffer = new byte[BufferBytes];
        int length = 0;
        long next = 0;
        for (int i = 0; i < domain.Count && domain[i].Offset < size; i++)
        {
            if (buffer.Length - length < 2 * LineBytesMax) Flush(stream, buffer, ref length);
            ByteRange wanted = domain[i];
            if (wanted.Offset > next) Append(buffer, ref length, next, wanted.Offset, '?');
            next = Math.Min(wanted.End, size);
            Append(buffer, ref length, wanted.Offset, next, '+');
        }

        Flush(stream, buffer, ref length);
        if (next < size) Append(buffer, ref length, next, size, '?');
        Flush(stream, buffer, ref length);
    }

    private static void WriteHead(Stream stream, IEnumerable<string> comments)
    {
        var head = new StringBuilder("# Mapfile. Created by holdfast\n");
        foreach (string comment in comments)
        {
            head.Append("# ");
            foreach (char character in comment) head.Append(char.IsControl(character) ? ' ' : character);
            head.Append('\n');
        }

        head.Append("# current_pos  current_status  current_pass\n0x00000000     ?               1\n");
        head.Append("#      pos        size  status\n");
        stream.Write(Encoding.UTF8.GetBytes(head.ToString()));
    }

    private static void Append(byte[] buffer, ref int length, long start, long end, char status)
    {
        Span<byte> rest = buffer.AsSpan(length);
        System.Text.Unicode.Utf8.TryWrite(
            rest, CultureInfo.InvariantCulture, $"0x{start:X8}  0x{end - start:X8}  {status}\n", out int written);
        length += written;
    }

    private static void Flush(Stream stream, byte[] buffer, ref int length)
    {
        stream.Write(buffer, 0, length);
        length = 0;
    }
}
