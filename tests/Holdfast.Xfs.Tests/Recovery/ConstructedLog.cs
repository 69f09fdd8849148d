// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Testing.Kernel;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goes on with the log of a cleanly unmounted image, as if it had been mounted again, had committed transactions, and
/// had stopped: a mount then recovers what is written here. Only whole and well-formed transactions, for the kernel
/// trusts them.
/// </summary>
internal sealed class ConstructedLog
{
    private const int BufferSize = 256 << 10;
    private const uint TransactionMagic = 0x5452414e; // "TRAN"
    private const byte TransactionClient = 0x69;
    private const byte StartFlag = 1;
    private const byte CommitFlag = 2;
    private const uint AttributesLogged = 1; // XFS_SB_FEAT_INCOMPAT_LOG_XATTRS

    private readonly ImageSet _images;
    private readonly LogPlace _place;
    private readonly LogWriter _writer;
    private readonly int _first;
    private uint _transaction = 0x1000;

    public ConstructedLog(ImageSet images)
    {
        _images = images;
        LogState state = LogImage.FindState(images);
        if (state.Kind != LogStateKind.Clean) throw new InvalidOperationException($"the log is {state.Kind}");
        _place = LogImage.PlaceOf(images);
        _writer = new((int)_place.Blocks, BufferSize, _place.StripeUnit, 2, state.Head.Cycle, (int)state.Head.Block)
        {
            FilesystemUuid = _place.Uuid,
        };
        _writer.Tail = _writer.Head;
        _first = _writer.Block;
    }

    /// <summary>One transaction, in a record of its own.</summary>
    public void Add(params ReadOnlySpan<LoggedIntent> intents)
    {
        var items = new List<byte[][]>();
        foreach (LoggedIntent intent in intents) items.Add(IntentRegions.Of(intent));
        Add(items);
    }

    /// <summary>One transaction of any items, each given by its regions.</summary>
    public void Add(IReadOnlyList<byte[][]> items)
    {
        uint transaction = ++_transaction;
        byte[] header = [.. Host(TransactionMagic), .. Host(0u), .. Host(transaction), .. Host((uint)items.Count)];
        List<byte[]> regions = [header, .. items.SelectMany(item => item)];
        var bytes = new List<byte>();
        bytes.AddRange(Operation(transaction, 0, StartFlag));
        foreach (byte[] region in regions)
        {
            bytes.AddRange(Operation(transaction, region.Length, 0));
            bytes.AddRange(region);
        }

        bytes.AddRange(Operation(transaction, 0, CommitFlag));
        _writer.Append([.. bytes], (uint)regions.Count + 2);
    }

    /// <summary>Writes it all into the image.</summary>
    /// <param name="attributes">Whether the superblock says that attribute intents may be there, as it must.</param>
    public void Write(bool attributes = false)
    {
        if (_writer.Block < _first) throw new InvalidOperationException("the log is too short for this");
        using (FileStream file = File.Open(_images.Log ?? _images.Data, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = _place.Offset + (long)_first * LogPlace.BlockSize;
            file.Write(_writer.Bytes, _first * LogPlace.BlockSize, (_writer.Block - _first) * LogPlace.BlockSize);
        }

        if (!attributes) return;
        using FileStream data = File.Open(_images.Data, FileMode.Open, FileAccess.ReadWrite);
        byte[] sector = new byte[_place.SectorSize];
        data.ReadExactly(sector);
        BinaryPrimitives.WriteUInt32BigEndian(
            sector.AsSpan(Superblock.At.LogIncompatibleFeaturesAt), AttributesLogged);
        Crc32c.Write(sector, Superblock.At.CrcAt);
        data.Position = 0;
        data.Write(sector);
    }

    private static byte[] Operation(uint transaction, int length, byte flags)
    {
        byte[] header = new byte[LogOperationHeader.Size];
        BinaryPrimitives.WriteUInt32BigEndian(header, transaction);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(sizeof(uint)), length);
        header[2 * sizeof(uint)] = TransactionClient;
        header[2 * sizeof(uint) + 1] = flags;
        return header;
    }
}
