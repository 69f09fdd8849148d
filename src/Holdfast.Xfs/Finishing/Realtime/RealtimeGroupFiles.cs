// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>Inodes of the files that tell of one realtime group, as the metadata directory names them:
/// <c>rtgroups/7.rmap</c>. Null where it does not.</summary>
internal readonly record struct RealtimeGroupFiles(
    InodeNumber? ReverseMap, InodeNumber? Refcounts, InodeNumber? Bitmap, InodeNumber? Summary)
{
    /// <summary>Of a realtime device without groups, as the superblock names them.</summary>
    public static RealtimeGroupFiles OfSuperblock(SystemInodes inodes) =>
        new(null, null, Known(inodes.RealtimeBitmap), Known(inodes.RealtimeSummary));

    /// <summary>Reads the metadata directory. What cannot be read of it has no names.</summary>
    public static RealtimeGroupFiles[] Read(XfsVolume volume)
    {
        var entries = new Entries(volume.Geometry.RealtimeGroupCount);
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        using var reader = new DirectoryReader(volume);
        if (volume.Geometry.MetadataRootInode is not { } root
            || !InodeReader.Read(volume, root, buffer, out Inode top) || top.Type != FileType.Directory)
        {
            return entries.Groups;
        }

        var search = new Subdirectory();
        reader.Read(in top, ref search);
        bool isThere = search.Found is { } found && InodeReader.Read(volume, found, buffer, out top)
            && top.Type == FileType.Directory;
        if (isThere) reader.Read(in top, ref entries);
        return entries.Groups;
    }

    private static InodeNumber? Known(ulong inode) => inode == 0 ? null : new(inode);

    private struct Subdirectory : IDirectoryVisitor
    {
        public InodeNumber? Found { get; private set; }

        public void Entry(in DirectoryEntry entry)
        {
            if (entry.Name.SequenceEqual("rtgroups"u8)) Found = entry.Inode;
        }
    }

    private readonly struct Entries : IDirectoryVisitor
    {
        /// <summary>More are hostile: the table would outgrow the volume.</summary>
        private const uint GroupsMax = 1 << 20;

        public Entries(uint count) => Groups = new RealtimeGroupFiles[Math.Min(count, GroupsMax)];

        public RealtimeGroupFiles[] Groups { get; }

        public void Entry(in DirectoryEntry entry)
        {
            if (!Utf8Parser.TryParse(entry.Name, out uint group, out int digits) || group >= Groups.Length) return;
            ReadOnlySpan<byte> kind = entry.Name[digits..];
            ref RealtimeGroupFiles files = ref Groups[group];
            if (kind.SequenceEqual(".rmap"u8)) files = files with { ReverseMap = entry.Inode };
            else if (kind.SequenceEqual(".refcount"u8)) files = files with { Refcounts = entry.Inode };
            else if (kind.SequenceEqual(".bitmap"u8)) files = files with { Bitmap = entry.Inode };
            else if (kind.SequenceEqual(".summary"u8)) files = files with { Summary = entry.Inode };
        }
    }
}
