// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Cli.Output;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Targets;

/// <summary>A file that was typed: a path from the root of the filesystem, or the number of an inode.</summary>
internal static class FileArgument
{
    public const string Help = "Path from the filesystem's root, or an inode number; ./123 is a file called 123";

    /// <exception cref="CommandFailure">There is none.</exception>
    public static FileEntry Find(FileTree tree, string text)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return Readable(tree.Describe(new(number), new(default)), text);
        }

        InodeNumber? inode = tree.Find(PathName.FromText(text), out PathName missing);
        if (inode is null)
        {
            string doubt = tree.HasGaps ? ", as far as the directory can be read" : "";
            throw new CommandFailure($"{VisibleText.Of(missing)}: no such file or directory{doubt}");
        }

        return Readable(tree.Describe(inode.Value, PathName.FromText(text)), text);
    }

    private static FileEntry Readable(FileEntry entry, string text) => entry.IsReadable
        ? entry
        : throw new CommandFailure($"{text}: inode {entry.Inode} cannot be read, or is free");
}
