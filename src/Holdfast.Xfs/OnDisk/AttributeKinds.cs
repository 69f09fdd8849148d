// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>The words for kinds of attributes in reports.</summary>
public static class AttributeKinds
{
    public const string Parent = "parent";
    public const string Acl = "acl";
    public const string Security = "security";
    public const string Trusted = "trusted";
    public const string User = "user";

    /// <summary>All of them, in the order in which a loss is worth knowing.</summary>
    public static IReadOnlyList<string> All { get; } = [Parent, Acl, Security, Trusted, User];

    public static string Of(AttributeNamespace space, ReadOnlySpan<byte> name) => space switch
    {
        AttributeNamespace.Parent => Parent,
        AttributeNamespace.Security => Security,
        AttributeNamespace.Trusted => IsAcl(name) ? Acl : Trusted,
        _ => User,
    };

    // POSIX ACLs are kept under the names they had on IRIX.
    private static bool IsAcl(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("SGI_ACL_FILE"u8) || name.SequenceEqual("SGI_ACL_DEFAULT"u8);
}
