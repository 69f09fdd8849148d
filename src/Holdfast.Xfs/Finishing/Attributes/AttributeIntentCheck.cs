// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>What an attribute intent tells to do (XFS_ATTRI_OP_FLAGS_*). Source: xfs_log_format.h.</summary>
internal enum AttributeOperationKind : uint
{
    Set = 1,
    Remove = 2,
    Replace = 3,
    ParentSet = 4,
    ParentRemove = 5,
    ParentReplace = 6,
}

/// <summary>What a mount refuses of an attribute intent before it looks at the inode.</summary>
internal static class AttributeIntentCheck
{
    private const uint LogAttributes = 1; // XFS_SB_FEAT_INCOMPAT_LOG_XATTRS
    private const AttributeBits FilterMask = AttributeBitRules.Namespaces | AttributeBits.Incomplete;

    internal static BlockFault Check(FinishContext context, AttributeIntent intent)
    {
        if (!context.Geometry.IsValid(new InodeNumber(intent.Inode)))
        {
            return BlockFault.Bad("alfi_ino", $"{intent.Inode} is no place on the device");
        }

        var filter = (AttributeBits)intent.Filter;
        if (intent.Filter > byte.MaxValue || (filter & ~FilterMask) != 0 || !filter.AreSound())
        {
            return BlockFault.Bad("alfi_attr_filter", $"0x{intent.Filter:x}");
        }

        var kind = (AttributeOperationKind)intent.Operation;
        BlockFault fault = kind switch
        {
            AttributeOperationKind.Set or AttributeOperationKind.Replace or AttributeOperationKind.Remove =>
                CheckAttribute(context, intent, kind),
            AttributeOperationKind.ParentSet or AttributeOperationKind.ParentRemove
                or AttributeOperationKind.ParentReplace => CheckParent(context, intent, kind),
            _ => BlockFault.Bad("alfi_op_flags", $"0x{intent.Operation:x}"),
        };
        return fault.IsNone ? CheckNames(intent, kind) : fault;
    }

    private static BlockFault CheckAttribute(
        FinishContext context, AttributeIntent intent, AttributeOperationKind kind)
    {
        if (!LogsAttributes(context)) return BlockFault.Bad("sb_features_log_incompat", "no logged attributes");
        int lengthMax = kind == AttributeOperationKind.Remove ? 0 : AttributeRemoteValue.LengthMax;
        return intent.Value.Length > lengthMax
            ? BlockFault.OutOfBounds("alfi_value_len", (ulong)intent.Value.Length, (ulong)lengthMax)
            : BlockFault.None;
    }

    private static BlockFault CheckParent(FinishContext context, AttributeIntent intent, AttributeOperationKind kind)
    {
        if (!context.Features.ParentPointers) return BlockFault.Bad("sb_features_incompat", "no parent pointers");
        if (((AttributeBits)intent.Filter & AttributeBits.Parent) == 0)
        {
            return BlockFault.Bad("alfi_attr_filter", $"0x{intent.Filter:x}");
        }

        bool isReplacement = kind == AttributeOperationKind.ParentReplace;
        if (intent.Value.Length != ParentPointer.Size || isReplacement && intent.NewValue.Length != ParentPointer.Size)
        {
            return BlockFault.Wrong("alfi_value_len", ParentPointer.Size, (ulong)intent.Value.Length);
        }

        return BlockFault.None;
    }

    private static BlockFault CheckNames(AttributeIntent intent, AttributeOperationKind kind)
    {
        bool isParent = ((AttributeBits)intent.Filter & AttributeBits.Parent) != 0;
        if (!IsName(intent.Name.Span, isParent)) return BlockFault.Bad("name", "not one that an attribute can have");
        return kind == AttributeOperationKind.ParentReplace && !IsName(intent.NewName.Span, isParent)
            ? BlockFault.Bad("new name", "not one that a parent pointer can have")
            : BlockFault.None;
    }

    private static bool IsName(ReadOnlySpan<byte> name, bool isParent)
    {
        if (isParent) return DirectoryName.IsValid(name);
        return name.Length is > 0 and <= DirectoryName.LengthMax && !name.Contains((byte)0);
    }

    private static bool LogsAttributes(FinishContext context)
    {
        EditBuffer sector = context.Editor.Buffer(
            0, context.Geometry.SectorSize, Superblock.At.CrcAt, "superblock");
        return Superblock.TryOpen(sector.Bytes, out Superblock superblock).IsNone
            && superblock.Version == 5
            && (superblock.LogIncompatibleFeatures & LogAttributes) != 0;
    }
}
