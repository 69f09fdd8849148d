// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>
/// Extended attributes: inside the inode, in one leaf, in a tree of them, with values in blocks of their own.
/// </summary>
internal static class AttributeSteps
{
    private const int LargestValue = 65536;

    public static void Run(WorkloadPlace place)
    {
        place.Tree.MakeFolder("attributes");
        for (int i = 0; i < place.Count(120); i++)
        {
            string name = $"attributes/a{i:D4}";
            place.Tree.Create(name);
            int count = place.Length(40);
            int most = (i % 4) switch { 0 => 40, 1 => 300, 2 => 3000, _ => LargestValue };
            for (int j = 0; j < count; j++)
            {
                place.Tree.SetAttribute(name, $"user.k{j}", place.Bytes(place.Length(most)));
            }

            if (i % 3 == 0) place.Tree.SetAttribute(name, "system.posix_acl_access", Acl(place, i % 20));
            if (i % 7 == 0) place.Tree.RemoveAttribute(name, "user.k0");
        }

        place.Tree.Create("attributes/many");
        for (int i = 0; i < place.Count(2500); i++)
        {
            string attribute = place.LongName($"user.{i}-", 20 + (i % 60));
            place.Tree.SetAttribute("attributes/many", attribute, place.Bytes(i % 90));
        }

        place.Tree.Create("attributes/remote");
        for (int i = 0; i < 30; i++)
        {
            place.Tree.SetAttribute("attributes/remote", $"trusted.big{i}", place.Bytes(LargestValue));
        }

        place.Tree.MakeFolder("attributes/folder");
        place.Tree.SetAttribute("attributes/folder", "system.posix_acl_default", Acl(place, 12));
        place.Tree.SetAttribute("attributes/folder", "user.note", place.Bytes(2000));
    }

    /// <summary>An access control list as setxattr takes it (linux/posix_acl_xattr.h), little-endian.</summary>
    private static byte[] Acl(WorkloadPlace place, int users)
    {
        const int HeaderSize = sizeof(uint);
        const int EntrySize = sizeof(ushort) + sizeof(ushort) + sizeof(uint);
        const ushort OwnerTag = 1, UserTag = 2, GroupTag = 4, MaskTag = 0x10, OtherTag = 0x20;
        var acl = new byte[HeaderSize + ((4 + users) * EntrySize)];
        BinaryPrimitives.WriteUInt32LittleEndian(acl, 2);
        int at = HeaderSize;
        Entry(OwnerTag, 6, uint.MaxValue);
        for (int i = 0; i < users; i++) Entry(UserTag, (ushort)place.Random.Next(8), (uint)(1000 + i));
        Entry(GroupTag, 4, uint.MaxValue);
        Entry(MaskTag, 7, uint.MaxValue);
        Entry(OtherTag, 0, uint.MaxValue);
        return acl;

        void Entry(ushort tag, ushort permissions, uint id)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(at), tag);
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(at + sizeof(ushort)), permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(acl.AsSpan(at + (2 * sizeof(ushort))), id);
            at += EntrySize;
        }
    }
}
