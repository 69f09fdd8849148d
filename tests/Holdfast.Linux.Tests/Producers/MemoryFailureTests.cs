// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures;
using Holdfast.Linux.Nvdimm;
using Holdfast.Linux.Producers;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>Pages that the kernel gives up: what an event says, and whose bytes they are.</summary>
public sealed class MemoryFailureTests : IDisposable
{
    private const long Mebi = 1 << 20;

    /// <summary>Of Linux 6.18, but for the number; some kinds left out.</summary>
    private const string Format = """
        name: memory_failure_event
        ID: 117
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
        	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:unsigned long pfn;	offset:8;	size:8;	signed:0;
        	field:int type;	offset:16;	size:4;	signed:1;
        	field:int result;	offset:20;	size:4;	signed:1;

        print fmt: "pfn %#lx: recovery action for %s: %s", REC->pfn,
        """ + Symbols;

    // On the same line in the file.
    private const string Symbols =
        """ __print_symbolic(REC->type, { 0, "reserved kernel page" }, { 18, "dax page" }, { 0x14, "unknown page" }),"""
        + """ __print_symbolic(REC->result, { 0, "Ignored" }, { 1, "Failed" }, { 2, "Delayed" }, { 3, "Recovered" })""";

    private readonly FakeKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Theory]
    [InlineData(18, 3, "dax page", "Recovered")]
    [InlineData(20, 0, "unknown page", "Ignored")]
    [InlineData(99, 99, "", "")]
    public void An_event_is_told_in_the_kernel_s_own_words(int type, int result, string kind, string outcome)
    {
        TraceFormat format = TraceFormat.Parse(Format, MemoryFailure.Fields);
        MemoryFailureWords words = MemoryFailureWords.Of(format);
        byte[] data = Event(0x12345, type, result);
        Assert.True(MemoryFailure.TryParse(format, data, 4096, words, out MemoryFailure failure));
        Assert.Equal(new(new ByteRange(0x12345000, 4096), kind, outcome), failure);
        for (int length = 0; length < data.Length; length++)
        {
            Assert.False(MemoryFailure.TryParse(format, data.AsSpan(0, length), 4096, words, out _));
        }
    }

    [Fact]
    public void What_names_no_page_is_no_failure()
    {
        TraceFormat format = TraceFormat.Parse(Format, MemoryFailure.Fields);
        MemoryFailureWords words = MemoryFailureWords.Of(format);
        Assert.False(MemoryFailure.TryParse(format, Event(ulong.MaxValue, 0, 0), 4096, words, out _));
        Assert.False(MemoryFailure.TryParse(format, Event(ulong.MaxValue >> 8, 0, 0), 4096, words, out _));
        byte[] another = Event(1, 0, 0);
        another[0]++;
        Assert.False(MemoryFailure.TryParse(format, another, 4096, words, out _));
    }

    [Theory]
    [InlineData("print fmt: \"%s\", __print_symbolic(REC->result, { 0, \"Ignored\"")]
    [InlineData("print fmt: \"%s\", __print_symbolic(REC->result, { , \"\" }, {")]
    [InlineData("print fmt: \"%s\", __print_symbolic(REC->result,")]
    [InlineData("print fmt: \"%s\", __print_symbolic(REC->result, { MF_IGNORED, \"Ignored\" })")]
    [InlineData("")]
    public void Words_that_are_none_are_passed_over(string print)
    {
        IReadOnlyDictionary<long, string> words = TraceFormat.Parse("ID: 1\n" + print).WordsOf("result");
        Assert.True(words.Count <= 1);
    }

    /// <summary>
    /// region0: a namespace used raw; one with a pfn device, whose data begins 2 MiB behind the namespace; one that is
    /// devdax, without a block device; one in sector mode.
    /// </summary>
    [Fact]
    public void A_page_is_its_namespace_s_byte_from_where_the_data_begins()
    {
        Region(_kernel);
        IReadOnlyList<PersistentMemory> memories = PersistentMemories.ReadAll(_kernel.Roots);
        Check(memories, 4096 * Mebi, "pmem0", 0);
        Check(memories, (4096 * Mebi) + (64 * Mebi) - 4096, "pmem0", (64 * Mebi) - 4096);
        // Label and table of pages of the second namespace: no byte of the device.
        Check(memories, (4096 * Mebi) + (64 * Mebi), null, 0);
        Check(memories, (4096 * Mebi) + (66 * Mebi) - 4096, null, 0);
        Check(memories, (4096 * Mebi) + (66 * Mebi), "pmem0.1", 0);
        Check(memories, (4096 * Mebi) + (66 * Mebi) + 8192, "pmem0.1", 8192);
        Check(memories, (4096 * Mebi) + (128 * Mebi), null, 0);
        Check(memories, (4096 * Mebi) + (192 * Mebi), null, 0);
        Check(memories, 4095 * Mebi, null, 0);
    }

    internal static void Region(FakeKernel kernel)
    {
        kernel.Device("pmem0", "259:0");
        kernel.Device("pmem0.1", "259:1");
        kernel.Device("pmem0.3s", "259:2");
        foreach (string disk in (string[])["pmem0", "pmem0.1", "pmem0.3s"])
        {
            kernel.Attribute(disk, "size", $"{64 * Mebi / 512}\n");
        }

        kernel.Sys("bus/nd/devices/region0/resource", $"0x{4096 * Mebi:x}\n");
        kernel.Sys("bus/nd/devices/region0/size", $"{256 * Mebi}\n");
        Place(kernel, "namespace0.0", 0, "", "pmem0");
        Place(kernel, "namespace0.1", 64, "pfn0.1", null);
        Place(kernel, "pfn0.1", 66, null, "pmem0.1", 62);
        Place(kernel, "namespace0.2", 128, "dax0.2", null);
        Place(kernel, "dax0.2", 130, null, null, 62);
        Place(kernel, "namespace0.3", 192, "btt0.3", null);
        kernel.Sys("bus/nd/devices/btt0.3/block/pmem0.3s/size", "1\n");
        // One that is not active has no address.
        kernel.Sys("bus/nd/devices/pfn0.7/namespace", "\n");
    }

    private static void Place(
        FakeKernel kernel, string name, long at, string? holder, string? disk, long size = 64)
    {
        kernel.Sys($"bus/nd/devices/{name}/resource", $"0x{(4096 + at) * Mebi:x}\n");
        kernel.Sys($"bus/nd/devices/{name}/size", $"{size * Mebi}\n");
        if (holder is not null) kernel.Sys($"bus/nd/devices/{name}/holder", holder + "\n");
        if (disk is not null) kernel.Sys($"bus/nd/devices/{name}/block/{disk}/dev", "259:0\n");
    }

    private static void Check(IReadOnlyList<PersistentMemory> memories, long address, string? disk, long offset)
    {
        bool isPlaced = MemoryFailureProducer.TryPlace(
            memories, new(address, 4096), out var found, out ByteRange range);
        Assert.Equal(disk is not null, isPlaced);
        Assert.Equal(disk, found?.Name);
        if (isPlaced) Assert.Equal(new ByteRange(offset, 4096), range);
    }

    private static byte[] Event(ulong page, int type, int result)
    {
        byte[] data = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(data, 117);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), page);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(16), type);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(20), result);
        return data;
    }
}
