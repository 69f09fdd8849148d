// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>One of the four entries of a boot record. Start and count in logical sectors.</summary>
internal readonly record struct MbrEntry(byte Status, byte Type, uint Start, uint Count)
{
    /// <summary>The type of a GPT disk's one entry that keeps old tools away.</summary>
    internal const byte Protective = 0xEE;

    internal bool IsEmpty => Count == 0 || Type == 0;

    /// <summary>Holds logical partitions. The three types that Linux follows.</summary>
    internal bool IsExtended => Type is 0x05 or 0x0F or 0x85;
}

/// <summary>
/// The boot record of an MBR disk, or of one link in the chain of an extended partition, viewed in place. Format: code,
/// disk signature, four entries of 16 bytes, the bytes 55 AA; always 512 bytes, however large the sectors are.
/// </summary>
internal readonly ref struct MbrSector
{
    internal const int Size = SignatureAt + sizeof(ushort);
    internal const int EntryCount = 4;

    private const int CodeSize = 440;
    private const int DiskSignatureAt = CodeSize;
    private const int EntriesAt = DiskSignatureAt + sizeof(uint) + sizeof(ushort);

    private const int StatusAt = 0;
    private const int ChsSize = 3;
    private const int TypeAt = StatusAt + 1 + ChsSize;
    private const int StartAt = TypeAt + 1 + ChsSize;
    private const int CountAt = StartAt + sizeof(uint);
    private const int EntrySize = CountAt + sizeof(uint);

    private const int SignatureAt = EntriesAt + (EntryCount * EntrySize);
    private const ushort Signature = 0xAA55;

    private readonly ReadOnlySpan<byte> _bytes;

    private MbrSector(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    internal uint DiskSignature => _bytes.U32(DiskSignatureAt);

    internal bool IsProtective
    {
        get
        {
            for (int i = 0; i < EntryCount; i++)
            {
                if (this[i].Type == MbrEntry.Protective) return true;
            }

            return false;
        }
    }

    internal MbrEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _bytes.Slice(EntriesAt + (index * EntrySize), EntrySize);
            return new(entry[StatusAt], entry[TypeAt], entry.U32(StartAt), entry.U32(CountAt));
        }
    }

    /// <summary>
    /// Views a boot record. There is no checksum: besides the signature, a status other than "active" or "not" tells
    /// that these are no entries but some file system's own boot code.
    /// </summary>
    internal static FieldFault TryOpen(ReadOnlySpan<byte> bytes, out MbrSector sector)
    {
        sector = default;
        if (bytes.U16(SignatureAt) != Signature)
        {
            return FieldFault.WrongHex("signature", Signature, bytes.U16(SignatureAt));
        }

        var view = new MbrSector(bytes);
        for (int i = 0; i < EntryCount; i++)
        {
            if ((view[i].Status & 0x7F) != 0) return FieldFault.WrongHex("status", 0, view[i].Status);
        }

        sector = view;
        return FieldFault.None;
    }
}
