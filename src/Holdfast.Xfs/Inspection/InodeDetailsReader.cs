// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>Reads one inode with its block maps and the names of its attributes.</summary>
public static class InodeDetailsReader
{
    private const int PermissionMask = 0xFFF;
    private const ulong Flag2BigTime = 1ul << 3;

    /// <summary>Big timestamps count nanoseconds from the earliest second of the small ones.</summary>
    private const long BigTimeEpochSeconds = int.MinValue;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <returns>Null with the fault where the inode cannot be believed.</returns>
    public static InodeDetails? Read(XfsVolume volume, InodeNumber number, out BlockFault fault)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        fault = InodeReader.TryRead(volume, number, buffer, out Inode inode);
        if (!fault.IsNone) return null;
        var details = new InodeDetails
        {
            Number = number.Value,
            Physical = volume.Geometry.ByteOf(number),
            Type = inode.Type,
            IsFree = inode.IsFree,
        };
        return inode.IsFree ? details : Fill(volume, in inode, details);
    }

    private static InodeDetails Fill(XfsVolume volume, in Inode inode, InodeDetails details)
    {
        bool complete = true;
        var extents = new List<InodeExtent>();
        if (!inode.IsRealtime) complete &= Extents(volume, in inode, ForkKind.Data, extents);
        complete &= Extents(volume, in inode, ForkKind.Attribute, extents);
        var names = new AttributeNames { Found = [] };
        using (var reader = new AttributeReader(volume)) complete &= reader.Read(in inode, ref names);
        bool isRoot = inode.Number == volume.Geometry.RootInode;
        return details with
        {
            Permissions = inode.Mode & PermissionMask,
            Size = inode.Size,
            Blocks = inode.Blocks,
            Links = inode.Links,
            UserId = inode.UserId,
            GroupId = inode.GroupId,
            Generation = inode.Generation,
            Modified = TimeOf(in inode),
            IsRealtime = inode.IsRealtime,
            IsReflinked = inode.IsReflinked,
            IsMetadata = inode.IsMetadata,
            DataFormat = inode.DataFormat,
            AttributeFormat = inode.HasAttributeFork ? inode.AttributeFormat : null,
            Extents = extents,
            Attributes = names.Found,
            LinksWanted = isRoot ? 0 : inode.Type == FileType.Directory ? 1 : inode.Links,
            IsComplete = complete,
        };
    }

    private static bool Extents(XfsVolume volume, in Inode inode, ForkKind fork, List<InodeExtent> into)
    {
        if (fork == ForkKind.Attribute && !inode.HasAttributeFork) return true;
        ExtentList list = ExtentList.Read(volume, in inode, fork, 0, ForkWalk.OffsetEnd);
        int blockLog = volume.Geometry.BlockLog;
        foreach (ExtentRecord extent in list.Extents)
        {
            long physical = volume.Geometry.ByteOf(extent.Start);
            long offset = (long)extent.Offset.Value << blockLog;
            into.Add(new(fork, offset, physical, (long)extent.Length << blockLog, extent.Unwritten));
        }

        return !list.IsLost;
    }

    /// <summary>Null where the time is past what a calendar here can say.</summary>
    private static DateTimeOffset? TimeOf(in Inode inode)
    {
        ulong raw = inode.ModifyTime;
        bool isBig = (inode.Flags2 & Flag2BigTime) != 0;
        long seconds = isBig ? (long)(raw / NanosecondsPerSecond) + BigTimeEpochSeconds : (int)(raw >> 32);
        return DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }

    private struct AttributeNames : IAttributeVisitor
    {
        public required List<InodeAttribute> Found;

        public readonly void Attribute(in AttributeEntry attribute) => Found.Add(new(
            attribute.Namespace.ToString().ToLowerInvariant(),
            new(attribute.Name.ToArray()),
            attribute.ValueLength));

        public readonly void Lost(FileBlock block, uint lowHash, uint highHash)
        {
        }
    }
}
