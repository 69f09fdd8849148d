// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>A user as the system's user database has it, with its own first group.</summary>
internal sealed partial record Account(string Name, uint User, uint Group)
{
    private const int BufferSize = 64 << 10;

    // struct passwd on 64 bits: two pointers, then pw_uid and pw_gid.
    private const int UserAt = 16;
    private const int GroupAt = 20;
    private const int PasswdSize = 64;

    /// <summary>Null where there is no such user.</summary>
    internal static Account? Find(string name)
    {
        nint entry = Marshal.AllocHGlobal(PasswdSize + BufferSize);
        try
        {
            int failed = GetUser(name, entry, entry + PasswdSize, BufferSize, out nint found);
            return failed != 0 || found == 0
                ? null
                : new(name, (uint)Marshal.ReadInt32(entry, UserAt), (uint)Marshal.ReadInt32(entry, GroupAt));
        }
        finally
        {
            Marshal.FreeHGlobal(entry);
        }
    }

    internal string UserText => User.ToString(CultureInfo.InvariantCulture);

    internal string GroupText => Group.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetUser(string name, nint entry, nint buffer, nint size, out nint found);
}
