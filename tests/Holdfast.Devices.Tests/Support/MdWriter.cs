// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Devices.Tests.Support;

/// <summary>
/// Writes md superblocks. Places are numbers out of struct mdp_superblock_1 and mdp_superblock_s, on purpose not the
/// reader's; mdadm is asked whether it agrees.
/// </summary>
internal sealed class MdWriter
{
    internal int Level { get; init; } = 1;

    internal int RaidDisks { get; init; } = 2;

    /// <summary>By device number: 0xFFFF is a spare, 0xFFFE faulty, 0xFFFD a journal.</summary>
    internal ushort[] Roles { get; init; } = [0, 1];

    internal int DeviceNumber { get; init; }

    internal uint Features { get; init; }

    internal ulong RecoverySectors { get; init; }

    internal long DataOffset { get; init; } = 1 << 20;

    /// <summary>Bytes of the array on each member; by default all there is.</summary>
    internal long? Size { get; init; }

    /// <summary>
    /// (Sector on the device, sectors) pairs of the member's own list, which follows 8 sectors after.
    /// </summary>
    internal (ulong Sector, ulong Count)[] BadBlocks { get; init; } = [];

    /// <summary>
    /// Writes a superblock of version 1.0, 1.1 or 1.2 into a member's image; where it lies is the answer.
    /// </summary>
    internal long WriteVersion1(byte[] member, int minor)
    {
        long sectors = member.Length / 512;
        long place = minor switch
        {
            0 => (sectors - 16) & ~7,
            1 => 0,
            _ => 8,
        };
        long dataOffset = minor == 0 ? 0 : DataOffset / 512;
        long dataSize = minor == 0 ? place : sectors - dataOffset;
        Span<byte> at = member.AsSpan((int)place * 512, 4096);
        at.Clear();
        U32(at, 0, 0xA92B4EFC);
        U32(at, 4, 1);
        U32(at, 8, Features | (BadBlocks.Length > 0 ? 8u : 0));
        for (int i = 0; i < 16; i++) at[16 + i] = (byte)(0x10 + i);
        "host:data"u8.CopyTo(at[32..]);
        U64(at, 64, 1_700_000_000);
        U32(at, 72, unchecked((uint)Level));
        U64(at, 80, (ulong)(Size / 512 ?? dataSize));
        U32(at, 88, Level is 0 or 4 or 5 or 6 or 10 ? 128u : 0);
        U32(at, 92, (uint)RaidDisks);
        U64(at, 128, (ulong)dataOffset);
        U64(at, 136, (ulong)dataSize);
        U64(at, 144, (ulong)place);
        U64(at, 152, RecoverySectors);
        U32(at, 160, (uint)DeviceNumber);
        for (int i = 0; i < 16; i++) at[168 + i] = (byte)(0xA0 + i);
        if (BadBlocks.Length > 0) WriteBadBlocks(member, place, at);
        U64(at, 192, 1_700_000_001);
        U64(at, 200, 17);
        U64(at, 208, ulong.MaxValue);
        U32(at, 220, (uint)Roles.Length);
        for (int i = 0; i < Roles.Length; i++) U16(at, 256 + (i * 2), Roles[i]);
        U32(at, 216, Checksum(at[..(256 + (Roles.Length * 2))]));
        return place * 512;
    }

    /// <summary>Writes a superblock of version 0.90, in either byte order.</summary>
    internal long WriteVersion090(byte[] member, bool bigEndian = false)
    {
        long place = (member.Length & ~65535L) - 65536;
        uint[] words = new uint[1024];
        words[0] = 0xA92B4EFC;
        words[2] = (Features & 4) != 0 ? 91u : 90;
        words[4] = 1024;
        words[5] = 0x11223344;
        words[6] = 1_700_000_000;
        words[7] = unchecked((uint)Level);
        words[8] = (uint)((Size ?? place) / 1024);
        words[9] = words[10] = (uint)RaidDisks;
        words[13] = 0x55667788;
        words[14] = 0x99AABBCC;
        words[15] = 0xDDEEFF00;
        words[32] = 1_700_000_001;
        words[33] = 1;
        words[34] = words[35] = (uint)Roles.Count(r => r < 0xFF00);
        for (int i = 0; i < Roles.Length; i++) WriteDisk(words.AsSpan(128 + (i * 32)), i);
        WriteDisk(words.AsSpan(992), DeviceNumber);
        ulong sum = words.Aggregate(0ul, (total, word) => total + word);
        words[38] = (uint)sum + (uint)(sum >> 32);
        for (int i = 0; i < words.Length; i++)
        {
            Span<byte> word = member.AsSpan((int)place + (i * 4), 4);
            if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(word, words[i]);
            else BinaryPrimitives.WriteUInt32LittleEndian(word, words[i]);
        }

        return place;
    }

    private void WriteDisk(Span<uint> disk, int number)
    {
        bool isActive = Roles[number] < 0xFF00;
        disk[0] = (uint)number;
        disk[1] = 8;
        disk[2] = (uint)(number * 16);
        disk[3] = isActive ? Roles[number] : (uint)RaidDisks;
        disk[4] = isActive ? 6u : Roles[number] == 0xFFFE ? 1u : 0;
    }

    private void WriteBadBlocks(byte[] member, long place, Span<byte> superblock)
    {
        superblock[185] = 0;
        U16(superblock, 186, 8);
        U32(superblock, 188, 8);
        Span<byte> list = member.AsSpan((int)(place + 8) * 512, 4096);
        list.Fill(0xFF);
        for (int i = 0; i < BadBlocks.Length; i++) U64(list, i * 8, (BadBlocks[i].Sector << 10) | BadBlocks[i].Count);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (; bytes.Length >= 4; bytes = bytes[4..]) sum += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (bytes.Length == 2) sum += BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return (uint)sum + (uint)(sum >> 32);
    }

    private static void U16(Span<byte> bytes, int at, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], value);

    private static void U32(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);

    private static void U64(Span<byte> bytes, int at, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
}
