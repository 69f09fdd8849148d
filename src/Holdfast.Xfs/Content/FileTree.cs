// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Content;

/// <summary>
/// Directories and names as ls(1) would show them. Symlinks are shown and never followed. A path is as long as it was
/// typed, so a directory that names its own parent costs nothing.
/// </summary>
public sealed class FileTree(XfsVolume volume)
{
    private const ulong BigTimeFlag = 1ul << 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Seconds before 1970 at which the wide timestamps begin.</summary>
    private const long BigTimeEpoch = 1L << 31;

    /// <summary>A directory was looked into that could not be read whole: what was not found may be there.</summary>
    public bool HasGaps { get; private set; }

    /// <summary>Finds the inode that a path from the root names.</summary>
    /// <param name="path">With or without a leading slash; "." and ".." are taken as written.</param>
    /// <param name="missing">The part up to the component that is not there, or is no directory.</param>
    public InodeNumber? Find(PathName path, out PathName missing)
    {
        missing = path;
        var way = new Stack<InodeNumber>();
        way.Push(volume.Geometry.RootInode);
        ReadOnlyMemory<byte> bytes = path.Bytes;
        int at = 0;
        while (at < bytes.Length)
        {
            int length = bytes.Span[at..].IndexOf((byte)'/');
            if (length < 0) length = bytes.Length - at;
            ReadOnlySpan<byte> name = bytes.Span.Slice(at, length);
            at += length + 1;
            if (name.IsEmpty || name.SequenceEqual("."u8)) continue;
            if (name.SequenceEqual(".."u8))
            {
                if (way.Count > 1) way.Pop();
                continue;
            }

            missing = new(bytes[..Math.Min(at - 1, bytes.Length)]);
            if (Lookup(way.Peek(), name) is not { } inode) return null;
            way.Push(inode);
        }

        return way.Peek();
    }

    /// <summary>What an inode says of itself; unreadable with the fault reported to the volume.</summary>
    public FileEntry Describe(InodeNumber inode, PathName name)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.Read(volume, inode, buffer, out Inode view)) return new() { Name = name, Inode = inode };
        return new()
        {
            Name = name,
            Inode = inode,
            IsReadable = true,
            Mode = view.Mode,
            Type = view.Type,
            Links = view.Links,
            UserId = view.UserId,
            GroupId = view.GroupId,
            Size = view.Size,
            Modified = TimeOf(view.ModifyTime, (view.Flags2 & BigTimeFlag) != 0),
            IsRealtime = view.IsRealtime && view.Type == FileType.Regular,
            Target = view.Type == FileType.Symlink ? TargetOf(in view) : null,
        };
    }

    /// <summary>The names in a directory, sorted by bytes.</summary>
    /// <param name="isWhole">False where blocks of the directory could not be read.</param>
    public IReadOnlyList<FileEntry> List(InodeNumber directory, out bool isWhole)
    {
        isWhole = false;
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.Read(volume, directory, buffer, out Inode view)) return [];
        if (view.Type != FileType.Directory) return [];
        using var reader = new DirectoryReader(volume);
        var names = new Names();
        isWhole = reader.Read(in view, ref names);
        var entries = new List<FileEntry>();
        foreach ((PathName name, InodeNumber inode) in names.Found) entries.Add(Describe(inode, name));
        entries.Sort((left, right) => left.Name.CompareTo(right.Name));
        return entries;
    }

    private InodeNumber? Lookup(InodeNumber directory, ReadOnlySpan<byte> name)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.Read(volume, directory, buffer, out Inode view))
        {
            HasGaps = true;
            return null;
        }

        if (view.Type != FileType.Directory) return null;
        using var reader = new DirectoryReader(volume);
        var wanted = new Wanted(name.ToArray());
        HasGaps |= !reader.Read(in view, ref wanted);
        return wanted.Inode;
    }

    private PathName? TargetOf(in Inode view)
    {
        if (view.DataFormat == ForkFormat.Local)
        {
            bool isSound = SymlinkTarget.TryOpen(view.DataFork, view.Size, out ReadOnlySpan<byte> local).IsNone;
            return isSound ? new PathName(local.ToArray()) : null;
        }

        if (view.Size is < 1 or > SymlinkTarget.LengthMax) return null;
        byte[] target = new byte[view.Size];
        int at = 0;
        foreach (ExtentRecord extent in ExtentList.Read(volume, in view, ForkKind.Data, 0, ForkWalk.OffsetEnd).Extents)
        {
            if (at == target.Length) break;
            int read = ReadTarget(view.Number, extent, target, at);
            if (read == 0) return null;
            at += read;
        }

        return at == target.Length ? new PathName(target) : null;
    }

    /// <returns>Bytes of the target that this extent holds; 0 with the fault reported.</returns>
    private int ReadTarget(InodeNumber inode, ExtentRecord extent, byte[] target, int at)
    {
        Geometry geometry = volume.Geometry;
        long length = Math.Min((long)extent.Length << geometry.BlockLog, RemoteLengthMax);
        byte[] block = new byte[length];
        ReadFault read = volume.Data.Read(geometry.ByteOf(extent.Start), block);
        BlockFault fault = BlockFault.Unreadable(read);
        if (read.IsNone)
        {
            BlockIdentity identity = geometry.IdentityOf(
                geometry.AgOf(extent.Start), geometry.AgBlockOf(extent.Start), inode.Value);
            fault = SymlinkBlock.TryOpen(block, identity, at, target.Length, out SymlinkBlock opened);
            if (fault.IsNone)
            {
                opened.Part.CopyTo(target.AsSpan(at));
                return opened.Part.Length;
            }
        }

        volume.Faults.Add(
            fault, DeviceRole.Data, geometry.ByteOf(extent.Start), length, $"symlink block of inode {inode}");
        return 0;
    }

    /// <summary>A target's blocks are never longer: it has at most 1024 bytes.</summary>
    private const long RemoteLengthMax = 65536;

    private static DateTimeOffset TimeOf(ulong stored, bool isBigTime)
    {
        long seconds = isBigTime
            ? (long)(stored / NanosecondsPerSecond) - BigTimeEpoch
            : (int)(stored >> 32);
        long nanoseconds = isBigTime ? (long)(stored % NanosecondsPerSecond) : (uint)stored % NanosecondsPerSecond;
        const long SecondsMax = 253402300799; // the year 9999
        return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -SecondsMax / 10, SecondsMax))
            .AddTicks(nanoseconds / 100);
    }

    private readonly struct Names() : IDirectoryVisitor
    {
        public List<(PathName Name, InodeNumber Inode)> Found { get; } = [];

        public void Entry(in DirectoryEntry entry) => Found.Add((new(entry.Name.ToArray()), entry.Inode));
    }

    private struct Wanted(byte[] name) : IDirectoryVisitor
    {
        public InodeNumber? Inode { get; private set; }

        public void Entry(in DirectoryEntry entry)
        {
            if (Inode is null && entry.Name.SequenceEqual(name)) Inode = entry.Inode;
        }
    }
}
