// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>
/// What /proc/self/fd and fdinfo say of an open file. Names are bytes: here one character is one byte.
/// </summary>
/// <param name="Name">Its whole path in this process's mounts.</param>
/// <param name="Mount">The mount's number, as mountinfo has it.</param>
/// <param name="Inode">Null where the kernel does not say (before Linux 5.14).</param>
internal sealed record OpenFile(string Name, long Mount, long? Inode)
{
    /// <exception cref="IOException">It has no name any more.</exception>
    public static OpenFile Of(SafeFileHandle file)
    {
        bool added = false;
        try
        {
            file.DangerousAddRef(ref added);
            int number = (int)file.DangerousGetHandle();
            string name = Native.ReadLink($"/proc/self/fd/{number}")
                ?? throw new IOException($"/proc/self/fd/{number}: {Native.LastMessage()}");
            if (!name.StartsWith('/')) throw new IOException("the open file has no name that can be reached from here");
            OpenFile open = WithFacts(name, number);
            RequireSame(open);
            return open;
        }
        finally
        {
            if (added) file.DangerousRelease();
        }
    }

    /// <summary>
    /// The kernel says " (deleted)" behind the name of a file that was unlinked, which may be a name as well: what lies
    /// under that name now tells.
    /// </summary>
    private static void RequireSame(OpenFile open)
    {
        using SafeFileHandle now = Native.OpenPlace(Encoding.Latin1.GetBytes(open.Name));
        const string gone = "the open file has no name any more";
        if (now.IsInvalid) throw new IOException(gone);
        OpenFile there = WithFacts(open.Name, (int)now.DangerousGetHandle());
        if (there.Mount != open.Mount || there.Inode != open.Inode) throw new IOException(gone);
    }

    private static OpenFile WithFacts(string name, int number)
    {
        long? mount = null;
        long? inode = null;
        foreach (string line in File.ReadLines($"/proc/self/fdinfo/{number}"))
        {
            mount ??= NumberOf(line, "mnt_id:");
            inode ??= NumberOf(line, "ino:");
        }

        return new(name, mount ?? throw new IOException("the kernel does not say where the file is mounted"), inode);
    }

    private static long? NumberOf(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal)
        && long.TryParse(
            line.AsSpan(name.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;
}
