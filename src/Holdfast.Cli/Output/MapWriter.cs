// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Cli.Output;

/// <summary>
/// Writes the reverse map row by row: as JSON, one object a line as docs/map.schema.json has it, or as columns. By
/// hand into one buffer, for there are millions.
/// </summary>
/// <param name="allocated">Bytes of the data device that recovery took: rows there are marked.</param>
internal sealed class MapWriter(Stream stream, bool isJson, ByteRangeSet allocated)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Longer than any row: eight numbers and the words between them.</summary>
    private const int RowSizeMax = 512;

    private const int ColumnWidth = 16;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _used;

    public void Heading()
    {
        if (!isJson) Put($"{"byte",ColumnWidth}{"length",ColumnWidth}  owner\n");
    }

    public void Write(MapRow row)
    {
        if (isJson) WriteJson(in row);
        else WriteColumns(in row);
        if (BufferSize - _used < RowSizeMax) Flush();
    }

    public void Flush()
    {
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }

    private void WriteJson(in MapRow row)
    {
        Put("{\"device\":\""u8);
        Put(Words.Of(row.Device));
        Put("\",\"physical\":"u8);
        Put(row.Physical);
        Put(",\"length\":"u8);
        Put(row.Length);
        Put(",\"owner\":\""u8);
        Put(Words.Of(row.Owner));
        Put("\""u8);
        if (row.Owner == OwnerKind.Inode) WriteInode(in row);
        if (IsAllocated(in row)) Put(",\"allocated_by_recovery\":true"u8);
        Put("}\n"u8);
    }

    private void WriteInode(in MapRow row)
    {
        Put(",\"inode\":"u8);
        Utf8Formatter.TryFormat(row.Inode, _buffer.AsSpan(_used), out int length);
        _used += length;
        Put(row.Fork == ForkKind.Attribute ? ",\"fork\":\"attr\""u8 : ",\"fork\":\"data\""u8);
        if (!row.BlockMap)
        {
            Put(",\"offset\":"u8);
            Put(row.Offset);
        }

        Put(row.Unwritten ? ",\"unwritten\":true"u8 : ",\"unwritten\":false"u8);
        Put(row.Shared ? ",\"shared\":true"u8 : ",\"shared\":false"u8);
        Put(row.BlockMap ? ",\"block_map\":true"u8 : ",\"block_map\":false"u8);
    }

    private void WriteColumns(in MapRow row)
    {
        PutRight(row.Physical);
        PutRight(row.Length);
        Put("  "u8);
        if (row.Device != DeviceRole.Data)
        {
            Put(Words.Of(row.Device));
            Put(" device: "u8);
        }

        Put(Words.Of(row.Owner));
        if (row.Owner == OwnerKind.Inode)
        {
            Put($" {row.Inode} {Words.Of(row.Fork)}");
            Put(row.BlockMap ? " block map" : $" at {row.Offset}");
            if (row.Unwritten) Put(" unwritten"u8);
            if (row.Shared) Put(" shared"u8);
        }

        if (IsAllocated(in row)) Put(" (allocated by recovery)"u8);
        Put("\n"u8);
    }

    private bool IsAllocated(in MapRow row) => !allocated.IsEmpty && row.Device == DeviceRole.Data
        && row.Owner != OwnerKind.Free && allocated.Overlaps(row.Physical, row.Length);

    private void PutRight(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        int blanks = Math.Max(1, ColumnWidth - length);
        _buffer.AsSpan(_used, blanks).Fill((byte)' ');
        _used += blanks;
        Put(digits[..length]);
    }

    private void Put(string ascii) => _used += Encoding.ASCII.GetBytes(ascii, _buffer.AsSpan(_used));

    private void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_used));
        _used += text.Length;
    }

    private void Put(long number)
    {
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_used), out int length);
        _used += length;
    }
}
