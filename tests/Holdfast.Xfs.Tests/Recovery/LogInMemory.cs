// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// A crashed filesystem whose internal log lies in memory, to be changed at will; all else is read from the image. What
/// was changed is put back by <see cref="Restore"/>.
/// </summary>
internal sealed class LogInMemory : IBlockSource
{
    private readonly IBlockSource _image;
    private readonly byte[] _original;

    public LogInMemory(IBlockSource image)
    {
        _image = image;
        SuperblockRead superblock = new ClaimedDevices(image).ReadSuperblock(out BlockFault fault)
            ?? throw new InvalidOperationException($"{fault}");
        Place = superblock.LogPlace;
        Bytes = new byte[Place.Length];
        for (int at = 0; at < Bytes.Length; at += 1 << 20)
        {
            int length = Math.Min(1 << 20, Bytes.Length - at);
            Assert.True(image.Read(Place.Offset + at, Bytes.AsSpan(at, length)).IsNone);
        }

        State = superblock.PrepareStructures().Log;
        Assert.Equal(LogStateKind.Dirty, State.Kind);
        _original = [.. Bytes];
    }

    public LogPlace Place { get; }

    /// <summary>The ends of the log as it was.</summary>
    public LogState State { get; private set; }

    public byte[] Bytes { get; }

    public string Name => _image.Name;

    public long Length => _image.Length;

    public int SectorSize => _image.SectorSize;

    /// <summary>Log blocks of all record headers from tail to head, but those of records that cross the end.</summary>
    public List<int> Records()
    {
        var records = new List<int>();
        int blocks = (int)Place.Blocks;
        int at = (int)State.Tail.Block;
        for (int passed = 0; at != State.Head.Block && passed < blocks;)
        {
            LogRecordHeader header = LogRecordHeader.View(Bytes.AsSpan(at * LogPlace.BlockSize, LogPlace.BlockSize));
            int length = (int)(LogRecordHeader.HeaderBlocks(true, header.Version, header.BufferSize)
                + (header.Length + LogPlace.BlockSize - 1) / LogPlace.BlockSize);
            if (at + length <= blocks) records.Add(at);
            at = (at + length) % blocks;
            passed += length;
        }

        return records;
    }

    /// <summary>Makes the log's checksum of a record right again.</summary>
    public void Seal(int block)
    {
        Span<byte> header = Bytes.AsSpan(block * LogPlace.BlockSize);
        LogRecordHeader view = LogRecordHeader.View(header[..LogPlace.BlockSize]);
        int headers = (int)LogRecordHeader.HeaderBlocks(true, view.Version, view.BufferSize);
        int used = (int)Math.Min(
            headers, (view.Length + LogRecordHeader.DataPerHeaderBlock - 1) / LogRecordHeader.DataPerHeaderBlock);
        long end = (headers * (long)LogPlace.BlockSize) + view.Length;
        if (end > header.Length) return;
        uint crc = ~Crc32c.Compute(header[..LogRecordHeader.At.PaddedEndAt], LogRecordHeader.At.ChecksumAt);
        for (int i = 1; i < used; i++)
        {
            crc = Crc32c.Update(crc, header.Slice(i * LogPlace.BlockSize, LogRecordHeader.At.ExtendedEndAt));
        }

        crc = ~Crc32c.Update(crc, header[(headers * LogPlace.BlockSize)..(int)end]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[LogRecordHeader.At.ChecksumAt..], crc);
    }

    /// <summary>Lets the log begin at a later record, so that recovery is quick.</summary>
    public void Shorten(int records)
    {
        List<int> all = Records();
        if (all.Count <= records) return;
        int last = State.LastRecord is { } lsn ? (int)lsn.Block : all[^1];
        Span<byte> tail = Bytes.AsSpan(all[^records] * LogPlace.BlockSize + LogRecordHeader.At.LsnAt, sizeof(ulong));
        tail.CopyTo(Bytes.AsSpan(last * LogPlace.BlockSize + LogRecordHeader.At.TailLsnAt));
        Seal(last);
        State = LogReader.FindState(this, Place);
        Assert.Equal(LogStateKind.Dirty, State.Kind);
        Bytes.CopyTo(_original, 0);
    }

    public void Restore() => _original.CopyTo(Bytes, 0);

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        ReadFault fault = _image.Read(offset, buffer);
        long first = Math.Max(offset, Place.Offset);
        long end = Math.Min(offset + buffer.Length, Place.Offset + Bytes.Length);
        if (fault.IsNone && first < end)
        {
            Bytes.AsSpan((int)(first - Place.Offset), (int)(end - first)).CopyTo(buffer[(int)(first - offset)..]);
        }

        return fault;
    }

    public void Dispose() => _image.Dispose();
}
