// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// Cuts a stream into lines in one fixed buffer. A line ends in LF or CRLF; a UTF-8 byte order mark is passed over.
/// Of a line that does not fit the buffer the first <see cref="LineBytesMax"/> bytes are given and the rest is
/// skipped. The stream stays the caller's; its I/O errors are thrown.
/// </summary>
internal sealed class LineReader(Stream stream)
{
    public const int LineBytesMax = 1 << 16;

    /// <summary>The fault of a line that was cut: its last number may be half of one.</summary>
    public const string CutProblem = "a line longer than 64 KiB";

    private readonly byte[] _buffer = new byte[LineBytesMax];
    private int _start;
    private int _end;
    private bool _ended;
    private bool _skipping;

    /// <summary>Number of the line last read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The line last read was longer than what was given of it.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The line last read ended with a line feed, not with the stream.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Bytes of the stream up to and with the line last read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The next line without its end, valid until the next call; false at the end of the stream.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (_skipping) SkipLine();
        int scanned = 0;
        while (true)
        {
            int feed = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = Take(scanned + feed, 1);
                return true;
            }

            scanned = _end - _start;
            if (scanned == LineBytesMax)
            {
                line = Take(scanned, 0);
                IsCut = _skipping = true;
                return true;
            }

            if (Fill()) continue;
            if (scanned == 0) return false;
            line = Take(scanned, 0);
            return true;
        }
    }

    private ReadOnlySpan<byte> Take(int length, int feed)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
        _start += length + feed;
        BytesRead += length + feed;
        IsCut = false;
        IsEnded = feed > 0;
        if (++Line == 1 && line.StartsWith("\uFEFF"u8)) line = line[3..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private void SkipLine()
    {
        _skipping = false;
        while (true)
        {
            int feed = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            BytesRead += feed < 0 ? _end - _start : feed + 1;
            _start = feed < 0 ? _end : _start + feed + 1;
            if (feed >= 0 || !Fill()) return;
        }
    }

    /// <summary>Reads more bytes behind those that are waiting; false at the end of the stream.</summary>
    private bool Fill()
    {
        if (_ended) return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _ended = count == 0;
        return !_ended;
    }
}
