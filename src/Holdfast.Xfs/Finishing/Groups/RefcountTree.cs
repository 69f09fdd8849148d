// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// One group's refcountbt, or a realtime group's rtrefcountbt, in terms of records. Shared blocks and blocks staged for
/// copy-on-write are two domains, one behind the other.
/// </summary>
internal sealed class RefcountTree(IRefcountGroup group, BtreeEditor editor)
{
    private const uint CowBit = 1u << 31;
    private const int LengthAt = sizeof(uint);
    private const int CountAt = LengthAt + sizeof(uint);

    public IRefcountGroup Group => group;

    /// <param name="start">May be one past the group's end.</param>
    public bool Find(bool isCow, uint start, BtreeSeek seek)
    {
        Span<byte> key = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(key, KeyOf(isCow, start));
        return editor.Lookup(key, seek);
    }

    public bool Next() => editor.Next();

    public bool Previous() => editor.Previous();

    public bool IsAtRecord => editor.IsAtRecord;

    /// <summary>The record at the position, which must lie within the group.</summary>
    public RefcountRecord Read()
    {
        RefcountRecord record = RefcountRecord.Read(editor.Record);
        bool isSound = record.Length > 0 && record.Count > 0
            && (ulong)record.Start.Value + record.Length <= group.Blocks
            && (record.IsCow ? record.Count == 1 : record.Count >= 2);
        if (!isSound) Contradiction(record);
        return record;
    }

    public void Update(RefcountRecord record)
    {
        Span<byte> bytes = stackalloc byte[RefcountRecord.Size];
        Write(bytes, record);
        editor.Update(bytes);
    }

    public void Insert(RefcountRecord record)
    {
        Span<byte> bytes = stackalloc byte[RefcountRecord.Size];
        Write(bytes, record);
        editor.Insert(bytes);
    }

    /// <summary>Deletes the record at the position, which is then at the one after it, if there is one.</summary>
    public void Delete()
    {
        RefcountRecord record = Read();
        editor.Delete();
        Find(record.IsCow, record.Start.Value, BtreeSeek.GreaterOrEqual);
    }

    [DoesNotReturn]
    public void Contradiction(RefcountRecord record) => group.Fail(BlockFault.Bad(
        "rc_refcount", $"{editor.Format.Word}: {record.Length} blocks at {record.Start.Value}, {record.Count} owners"));

    private static uint KeyOf(bool isCow, uint start) => isCow ? start | CowBit : start;

    private static void Write(Span<byte> bytes, RefcountRecord record)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyOf(record.IsCow, record.Start.Value));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[LengthAt..], record.Length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[CountAt..], record.Count);
    }
}
