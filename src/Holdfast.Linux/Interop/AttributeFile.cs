// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Linux.Interop;

/// <summary>
/// A file of sysfs or /proc with one value. Opened, read and closed: dozens of them lie between an error and whoever is
/// told of it.
/// </summary>
internal static unsafe class AttributeFile
{
    /// <summary>An attribute of sysfs is never longer than a page.</summary>
    private const int LengthMax = 4096;

    /// <returns>
    /// Without line feeds at its end; null where there is none, or it cannot be read: an attribute may vanish between
    /// two looks, or be root's alone.
    /// </returns>
    internal static string? Read(string path)
    {
        int file = Native.OpenAt(Native.AT_FDCWD, path, Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);
        if (file < 0) return null;
        byte* text = stackalloc byte[LengthMax];
        nint length = Native.Read(file, text, LengthMax);
        _ = Native.Close(file);
        return length < 0 ? null : Encoding.UTF8.GetString(text, (int)length).TrimEnd('\n');
    }
}
