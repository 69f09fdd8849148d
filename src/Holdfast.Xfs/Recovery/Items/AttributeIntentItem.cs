// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// An attribute that is to be changed: its names and values follow as regions of their own, those that the operation
/// has. Source of the format: xfs_log_format.h (struct xfs_attri_log_format), in host byte order.
/// </summary>
internal static class AttributeIntentItem
{
    private const uint OperationMask = 0xff;
    private const uint OperationParentReplace = 6;
    private const int ValueMax = 65536;
    private const int NameMax = 255;

    private const int GenerationAt = 2 * sizeof(ushort);
    private const int IdAt = GenerationAt + sizeof(uint);
    private const int InodeAt = IdAt + sizeof(ulong);
    private const int OperationAt = InodeAt + sizeof(ulong);
    private const int NameLengthAt = OperationAt + sizeof(uint);
    private const int NewNameLengthAt = NameLengthAt + sizeof(ushort);
    private const int ValueLengthAt = NameLengthAt + sizeof(uint);
    private const int FilterAt = ValueLengthAt + sizeof(uint);
    private const int FormatSize = FilterAt + sizeof(uint);

    public static BlockFault TryRead(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        ReadOnlySpan<byte> bytes = item.Region(0);
        if (bytes.Length != FormatSize) return BlockFault.Wrong("alfi length", FormatSize, (ulong)bytes.Length);
        uint operation = bytes.Host32(OperationAt) & OperationMask;
        bool replacesParent = operation == OperationParentReplace;
        uint nameLength = replacesParent ? bytes.Host16(NameLengthAt) : bytes.Host32(NameLengthAt);
        uint newNameLength = replacesParent ? bytes.Host16(NewNameLengthAt) : 0u;
        uint valueLength = bytes.Host32(ValueLengthAt);
        if (nameLength is 0 or > NameMax) return BlockFault.Wrong("alfi_name_len", $"1 to {NameMax}", $"{nameLength}");
        if (newNameLength > NameMax) return BlockFault.OutOfBounds("alfi_new_name_len", newNameLength, NameMax);
        if (valueLength > ValueMax) return BlockFault.OutOfBounds("alfi_value_len", valueLength, ValueMax);

        int region = 1;
        BlockFault fault = Take(item, ref region, nameLength, "alfi_name_len", out byte[] name);
        byte[] newName = [];
        byte[] value = [];
        byte[] newValue = [];
        if (fault.IsNone) fault = Take(item, ref region, newNameLength, "alfi_new_name_len", out newName);
        if (fault.IsNone) fault = Take(item, ref region, valueLength, "alfi_value_len", out value);
        if (fault.IsNone && replacesParent)
        {
            fault = Take(item, ref region, valueLength, "alfi_value_len", out newValue);
        }

        if (!fault.IsNone) return fault;
        if (region != item.RegionCount) return BlockFault.Wrong("alfi_size", (ulong)region, (ulong)item.RegionCount);
        intent = new AttributeIntent(
            bytes.Host64(IdAt), lsn, bytes.Host64(InodeAt), operation, bytes.Host32(FilterAt),
            bytes.Host32(GenerationAt), name, newName, value, newValue);
        return BlockFault.None;
    }

    /// <summary>A region of its own, padded to whole words; none where the length is zero.</summary>
    private static BlockFault Take(LogItem item, ref int region, uint length, string field, out byte[] taken)
    {
        taken = [];
        if (length == 0) return BlockFault.None;
        int there = region < item.RegionCount ? item.Region(region).Length : 0;
        if (there < length || there - length >= sizeof(uint))
        {
            return BlockFault.Wrong(field, $"{length} bytes", $"{there} bytes");
        }

        taken = item.Region(region++)[..(int)length].ToArray();
        return BlockFault.None;
    }
}
