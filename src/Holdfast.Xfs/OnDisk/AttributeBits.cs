// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>What an attribute says of itself beside its name. Source: xfs_da_format.h (XFS_ATTR_*).</summary>
[Flags]
public enum AttributeBits : byte
{
    None = 0,

    /// <summary>The value lies beside the name; without it, in blocks of its own. Means nothing in short
    /// form.</summary>
    Local = 1 << 0,
    Root = 1 << 1,
    Secure = 1 << 2,
    Parent = 1 << 3,

    /// <summary>Being made or removed when the system stopped: nobody sees it.</summary>
    Incomplete = 1 << 7,
}

/// <summary>Whose names an attribute's name is one of.</summary>
public enum AttributeNamespace
{
    User,
    Trusted,
    Security,

    /// <summary>The filesystem's own: one parent pointer for each link to the inode.</summary>
    Parent,
}

internal static class AttributeBitRules
{
    internal const AttributeBits Namespaces = AttributeBits.Root | AttributeBits.Secure | AttributeBits.Parent;
    private const AttributeBits Known = Namespaces | AttributeBits.Local | AttributeBits.Incomplete;

    /// <summary>Flags that are all known and of one namespace at most.</summary>
    internal static bool AreSound(this AttributeBits flags)
    {
        AttributeBits space = flags & Namespaces;
        return (flags & ~Known) == 0 && (space & (space - 1)) == 0;
    }

    internal static AttributeNamespace Namespace(this AttributeBits flags) => (flags & Namespaces) switch
    {
        AttributeBits.Root => AttributeNamespace.Trusted,
        AttributeBits.Secure => AttributeNamespace.Security,
        AttributeBits.Parent => AttributeNamespace.Parent,
        _ => AttributeNamespace.User,
    };
}
