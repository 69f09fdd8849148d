// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Failures;
using Holdfast.Linux.Media;
using Holdfast.Linux.Producers;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>The ring buffer's pages and the formats of events, of several kernels.</summary>
public sealed class TraceTests
{
    /// <summary>Linux 6.18.</summary>
    private const string NewFormat = """
        name: block_rq_error
        ID: 2106
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
        	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:dev_t dev;	offset:8;	size:4;	signed:0;
        	field:sector_t sector;	offset:16;	size:8;	signed:0;
        	field:unsigned int nr_sector;	offset:24;	size:4;	signed:0;
        	field:int error;	offset:28;	size:4;	signed:1;
        	field:unsigned short ioprio;	offset:32;	size:2;	signed:0;
        	field:char rwbs[10];	offset:34;	size:10;	signed:0;
        	field:__data_loc char[] cmd;	offset:44;	size:4;	signed:0;
        """;

    /// <summary>Linux 6.1: no ioprio, rwbs shorter and elsewhere.</summary>
    private const string OldFormat = """
        ID: 1200
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:dev_t dev;	offset:8;	size:4;	signed:0;
        	field:sector_t sector;	offset:16;	size:8;	signed:0;
        	field:unsigned int nr_sector;	offset:24;	size:4;	signed:0;
        	field:int error;	offset:28;	size:4;	signed:1;
        	field:char rwbs[8];	offset:32;	size:8;	signed:0;
        	field:__data_loc char[] cmd;	offset:40;	size:4;	signed:0;
        """;

    [Theory]
    [InlineData(NewFormat, 34, "RS", MediaOperation.Read)]
    [InlineData(NewFormat, 34, "WFS", MediaOperation.Write)]
    [InlineData(NewFormat, 34, "FWS", MediaOperation.Write)]
    [InlineData(NewFormat, 34, "DS", MediaOperation.Other)]
    [InlineData(NewFormat, 34, "FF", MediaOperation.Other)]
    [InlineData(OldFormat, 32, "RM", MediaOperation.Read)]
    [InlineData(OldFormat, 32, "N", MediaOperation.Other)]
    public void An_event_is_read_by_its_format(string text, int lettersAt, string letters, MediaOperation operation)
    {
        TraceFormat format = TraceFormat.Parse(text, BlockError.Fields);
        byte[] data = Event(format, 7, 3, 232, 8, -5, lettersAt, letters);
        Assert.True(BlockError.TryParse(format, data, out BlockError error));
        Assert.Equal(new BlockError(new(7, 3), new ByteRange(232 * 512, 4096), operation, 5), error);
        // Cut anywhere it is no event, and nothing is read behind its end.
        for (int length = 0; length < lettersAt; length++)
        {
            Assert.False(BlockError.TryParse(format, data.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void What_names_no_place_is_none()
    {
        TraceFormat format = TraceFormat.Parse(NewFormat, BlockError.Fields);
        Assert.False(BlockError.TryParse(format, Event(format, 7, 0, -1, 0, -5, 34, "FF"), out _));
        Assert.False(BlockError.TryParse(format, Event(format, 7, 0, 8, 0, -5, 34, "R"), out _));
        Assert.False(BlockError.TryParse(format, Event(format, 7, 0, long.MaxValue / 512, 8, -5, 34, "R"), out _));
        byte[] another = Event(format, 7, 0, 8, 8, -5, 34, "R");
        another[0]++;
        Assert.False(BlockError.TryParse(format, another, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ID: 5\n")]
    [InlineData("\tfield:dev_t dev;\toffset:8;\tsize:4;\tsigned:0;\n")]
    public void A_format_without_what_is_needed_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => TraceFormat.Parse(text, BlockError.Fields));

    [Fact]
    public void A_page_s_events_have_their_times_and_places()
    {
        var page = new PageWriter(1000);
        page.Event(5, [1, 0, 0, 0]);
        page.TimeExtend(1L << 30);
        page.Event(7, [2, 0, 0, 0, 2, 0, 0, 0]);
        page.Long(3, Enumerable.Repeat((byte)3, 200).ToArray());
        page.Discarded(16);
        page.Event(1, [4, 0, 0, 0]);
        var found = new List<(ulong, int, byte)>();
        Assert.Equal(0, TracePage.Read(page.Bytes(), (time, data) => found.Add((time, data.Length, data[0]))));
        ulong extended = 1005 + (1ul << 30);
        Assert.Equal(
            [(1005ul, 4, 1), (extended + 7, 8, 2), (extended + 10, 200, 3), (extended + 11, 4, 4)],
            found.Select(at => (at.Item1, at.Item2, (int)at.Item3)));
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(1u << 31, -1)]
    [InlineData((1u << 31) | (1u << 30), 42)]
    public void A_page_says_what_was_lost_before_it(uint flags, long lost)
    {
        var page = new PageWriter(1);
        page.Event(0, [1, 0, 0, 0]);
        Assert.Equal(lost, TracePage.Read(page.Bytes(flags, missed: 42), (_, _) => { }));
    }

    /// <summary>A page is the kernel's, and believed nothing all the same.</summary>
    [Fact]
    public void Hostile_pages_end()
    {
        var random = new Random(1);
        byte[] page = new byte[4096];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(page);
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8), (ulong)random.Next(0, 5000));
            int length = random.Next(0, page.Length);
            int events = 0;
            TracePage.Read(page.AsSpan(0, length), (_, data) => events += data.Length >= 0 ? 1 : 0);
            Assert.InRange(events, 0, length);
        }
    }

    private static byte[] Event(
        TraceFormat format, uint major, uint minor, long sector, uint count, int error, int lettersAt, string letters)
    {
        byte[] data = new byte[64];
        BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)format.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(8), (major << 20) | minor);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(16), sector);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(24), count);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(28), error);
        Encoding.ASCII.GetBytes(letters).CopyTo(data, lettersAt);
        return data;
    }

    /// <summary>Writes a page as the kernel does (include/linux/ring_buffer.h, events/header_event).</summary>
    private sealed class PageWriter(ulong time)
    {
        private readonly List<byte> _data = [];

        internal void Event(uint delta, byte[] data)
        {
            Header((uint)data.Length / 4, delta);
            _data.AddRange(data);
        }

        internal void Long(uint delta, byte[] data)
        {
            Header(0, delta);
            Word((uint)data.Length + 4);
            _data.AddRange(data);
        }

        internal void TimeExtend(long delta)
        {
            Header(30, (uint)(delta & ((1 << 27) - 1)));
            Word((uint)(delta >> 27));
        }

        internal void Discarded(uint length)
        {
            Header(29, 1);
            Word(length);
            _data.AddRange(new byte[length - 4]);
        }

        internal byte[] Bytes(uint flags = 0, ulong missed = 0)
        {
            byte[] page = new byte[4096];
            BinaryPrimitives.WriteUInt64LittleEndian(page, time);
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8), (uint)_data.Count | flags);
            _data.CopyTo(page, 16);
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(16 + _data.Count), missed);
            return page;
        }

        private void Header(uint type, uint delta) => Word(type | (delta << 5));

        private void Word(uint word)
        {
            byte[] bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
            _data.AddRange(bytes);
        }
    }
}
