// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// An md superblock of version 0.90, viewed in place: 1024 words in the byte order of the host that made it, in the
/// last aligned 64 KiB of the device. Source of the format: linux/raid/md_p.h (struct mdp_superblock_s).
/// </summary>
internal readonly ref struct MdSuperblock090
{
    internal const int Size = 4096;

    /// <summary>The superblock's place is aligned to so much and has so much to itself.</summary>
    internal const int Reserved = 65536;

    private const int DisksMax = 27;
    private const int DiskStateActive = 1;
    private const int DiskStateSync = 2;
    private const int DiskStateFaulty = 0;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _bigEndian;

    private MdSuperblock090(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        _bytes = bytes;
        _bigEndian = bigEndian;
    }

    /// <summary>Bytes of each member that the array uses.</summary>
    internal long MemberSize => (long)Word(SizeWord) * 1024;

    /// <summary>Where it lies on a device of this length; negative where the device is too small.</summary>
    internal static long PlaceOn(long length) => (length / Reserved * Reserved) - Reserved;

    internal static bool HasMagic(ReadOnlySpan<byte> bytes) =>
        bytes.U32(0) == MdSuperblock1.Magic || Swapped(bytes.U32(0)) == MdSuperblock1.Magic;

    internal static FieldFault TryOpen(ReadOnlySpan<byte> bytes, out MdSuperblock090 superblock)
    {
        superblock = default;
        if (!HasMagic(bytes)) return FieldFault.WrongHex("md_magic", MdSuperblock1.Magic, bytes.U32(0));
        var view = new MdSuperblock090(bytes, bytes.U32(0) != MdSuperblock1.Magic);
        if (view.Word(MajorVersionWord) != 0) return FieldFault.Wrong("major_version", 0, view.Word(MajorVersionWord));
        uint checksum = view.ComputeChecksum();
        uint stored = view.Word(ChecksumWord);
        if (checksum != stored) return FieldFault.WrongHex("sb_csum", checksum, stored);
        superblock = view;
        return FieldFault.None;
    }

    internal MdMember Describe(long at)
    {
        long length = Math.Min(MemberSize, at);
        uint state = Word(ThisDiskWord + DiskStateWord);
        bool active = IsActive(ThisDiskWord);
        string uuid = $"{Word(SetUuid0Word):x8}";
        for (int i = 0; i < 3; i++) uuid += $"{Word(SetUuid1Word + i):x8}";
        return new(
            "0.90", (int)Word(LevelWord), MdSuperblock1.Colons(uuid), string.Empty,
            (int)Math.Min(Word(RaidDisksWord), int.MaxValue), new(at, Size), new(0, length))
        {
            Role = active ? MdRole.Active : (state >> DiskStateFaulty & 1) != 0 ? MdRole.Faulty : MdRole.Spare,
            Slot = active ? (int)Math.Min(Word(ThisDiskWord + DiskRoleWord), int.MaxValue) : -1,
            ActiveMembers = CountActive(),
            // Minor version 91 stands for nothing else.
            ReshapeUnderWay = Word(MinorVersionWord) == 91,
            Recovered = length,
        };
    }

    private uint ComputeChecksum()
    {
        ulong sum = 0;
        for (int word = 0; word < Size / sizeof(uint); word++)
        {
            if (word != ChecksumWord) sum += Word(word);
        }

        return (uint)((sum & uint.MaxValue) + (sum >> 32));
    }

    private bool IsActive(int diskWord)
    {
        uint state = Word(diskWord + DiskStateWord);
        return (state >> DiskStateActive & 1) != 0 && (state >> DiskStateSync & 1) != 0 && (state & 1) == 0;
    }

    private int CountActive()
    {
        int active = 0;
        for (int disk = 0; disk < DisksMax; disk++) active += IsActive(DisksWord + (disk * DiskWords)) ? 1 : 0;
        return active;
    }

    private uint Word(int index)
    {
        uint word = _bytes.U32(index * sizeof(uint));
        return _bigEndian ? Swapped(word) : word;
    }

    private static uint Swapped(uint word) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);

    // Places are counted in words, as the format does.
    internal const int MajorVersionWord = 1;
    internal const int MinorVersionWord = MajorVersionWord + 1;
    internal const int SetUuid0Word = MinorVersionWord + 3; // patch version, used words
    internal const int LevelWord = SetUuid0Word + 2; // creation time
    internal const int SizeWord = LevelWord + 1;
    internal const int DiskCountWord = SizeWord + 1;
    internal const int RaidDisksWord = DiskCountWord + 1;
    internal const int SetUuid1Word = RaidDisksWord + 3; // minor number, not persistent

    internal const int GenericStateWord = 32;
    internal const int ChecksumWord = GenericStateWord + 6; // update time, state, four counts

    internal const int DiskWords = 32;
    internal const int DiskRoleWord = 3; // number, major, minor
    internal const int DiskStateWord = DiskRoleWord + 1;
    internal const int DisksWord = GenericStateWord + 32 + 64; // personality
    internal const int ThisDiskWord = (Size / sizeof(uint)) - DiskWords;
}
