// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Holdfast.Testing.Kernel;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// Writes attribute intents into the log of a cleanly unmounted image, as a crash would leave them: one committed
/// transaction each, and no word that they were done. Source of the formats: xfs_log_format.h (struct
/// xfs_trans_header, xfs_attri_log_format).
/// </summary>
internal static class AttributeIntentLog
{
    private const int BufferSize = 262144; // so that the longest value fits into a record
    private const byte TransactionClient = 0x69;
    private const byte StartFlag = 1;
    private const byte CommitFlag = 2;
    private const uint TransactionMagic = 0x5452414e; // TRAN
    private const ushort IntentType = 0x1246; // XFS_LI_ATTRI

    internal static void Write(ImageSet images, Guid uuid, params ReadOnlySpan<AttributeIntent> intents)
    {
        LogState state = LogImage.FindState(images);
        if (state.Kind != LogStateKind.Clean) throw new InvalidOperationException($"the log is {state.Kind}");
        LogPlace place = LogImage.PlaceOf(images);
        using FileStream file = File.Open(images.Data, FileMode.Open, FileAccess.ReadWrite);
        var writer = new LogWriter(
            (int)place.Blocks, BufferSize, cycle: state.Head.Cycle, block: (int)state.Head.Block)
        {
            FilesystemUuid = uuid,
        };
        writer.Tail = writer.Head;
        int first = writer.Block;
        uint transaction = 0x1000;
        foreach (AttributeIntent intent in intents)
        {
            writer.Append(Transaction(intent, ++transaction, out uint operations), operations);
        }

        if (writer.Block < first) throw new InvalidOperationException("the log is too short for this");
        file.Position = place.Offset + (long)first * LogPlace.BlockSize;
        file.Write(writer.Bytes, first * LogPlace.BlockSize, (writer.Block - first) * LogPlace.BlockSize);
        byte[] sector = new byte[place.SectorSize];
        file.Position = 0;
        file.ReadExactly(sector);
        AttributeBench.AllowIntents(sector);
        file.Position = 0;
        file.Write(sector);
    }

    private static byte[] Transaction(AttributeIntent intent, uint transaction, out uint operations)
    {
        List<byte[]> regions = [Header(transaction), .. Regions(intent)];
        var bytes = new List<byte>();
        bytes.AddRange(Operation(transaction, 0, StartFlag));
        foreach (byte[] region in regions)
        {
            bytes.AddRange(Operation(transaction, region.Length, 0));
            bytes.AddRange(region);
        }

        bytes.AddRange(Operation(transaction, 0, CommitFlag));
        operations = (uint)regions.Count + 2;
        return [.. bytes];
    }

    private static byte[] Operation(uint transaction, int length, byte flags)
    {
        byte[] header = new byte[2 * sizeof(uint) + 2 + sizeof(ushort)];
        BinaryPrimitives.WriteUInt32BigEndian(header, transaction);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(sizeof(uint)), length);
        header[2 * sizeof(uint)] = TransactionClient;
        header[2 * sizeof(uint) + 1] = flags;
        return header;
    }

    private static byte[] Header(uint transaction) =>
        [.. Host(TransactionMagic), .. Host(0u), .. Host(transaction), .. Host(1u)];

    private static List<byte[]> Regions(AttributeIntent intent)
    {
        List<byte[]> others = [Padded(intent.Name)];
        foreach (ReadOnlyMemory<byte> more in new[] { intent.NewName, intent.Value, intent.NewValue })
        {
            if (more.Length > 0) others.Add(Padded(more));
        }

        bool isReplacement = intent.Operation == (uint)AttributeOperationKind.ParentReplace;
        uint lengths = (uint)intent.Name.Length | (isReplacement ? (uint)intent.NewName.Length << 16 : 0);
        byte[] format =
        [
            .. Host(IntentType), .. Host((ushort)(others.Count + 1)), .. Host(intent.Generation), .. Host(intent.Id),
            .. Host(intent.Inode), .. Host(intent.Operation), .. Host(lengths), .. Host((uint)intent.Value.Length),
            .. Host(intent.Filter),
        ];
        return [format, .. others];
    }

    private static byte[] Padded(ReadOnlyMemory<byte> region)
    {
        byte[] padded = new byte[(region.Length + 3) / 4 * 4];
        region.CopyTo(padded);
        return padded;
    }

    private static byte[] Host<T>(T value)
        where T : struct => MemoryMarshal.AsBytes<T>(new T[] { value }).ToArray();
}
