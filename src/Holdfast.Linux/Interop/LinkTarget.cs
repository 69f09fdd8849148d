// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Linux.Interop;

/// <summary>Where a symbolic link leads, as it is written: bytes, which need be no text.</summary>
internal static unsafe class LinkTarget
{
    // Links of /proc show paths, which may be as long as a page.
    private const int LengthMax = 4096;

    /// <param name="link">From a folder on: letters, digits and strokes.</param>
    internal static byte[]? ReadAt(int folder, string link)
    {
        byte* buffer = stackalloc byte[LengthMax];
        nint length = Native.ReadLinkAt(folder, Encoding.ASCII.GetBytes(link), buffer, LengthMax);
        return length < 0 ? null : new ReadOnlySpan<byte>(buffer, (int)length).ToArray();
    }

    /// <returns>Null where it cannot be read.</returns>
    internal static byte[]? Read(string link)
    {
        byte* buffer = stackalloc byte[LengthMax];
        nint length = Native.ReadLink(link, buffer, LengthMax);
        return length < 0 ? null : new ReadOnlySpan<byte>(buffer, (int)length).ToArray();
    }
}
