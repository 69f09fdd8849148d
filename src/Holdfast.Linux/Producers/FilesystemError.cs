// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Linux.Producers;

/// <summary>An error that a filesystem told of (FAN_FS_ERROR of fanotify(7)).</summary>
/// <param name="Filesystem">Its f_fsid of statfs(2).</param>
/// <param name="Errno">Of errno(3), positive: of the first of them.</param>
/// <param name="Count">Errors that this tells of; of all but the first nothing but that they were.</param>
/// <param name="HandleType">Of the inode's handle; 0 with no bytes: the error is the whole filesystem's.</param>
public readonly record struct FilesystemError(
    ulong Filesystem, int Errno, uint Count, int HandleType, ReadOnlyMemory<byte> Handle)
{
    private const ulong FAN_FS_ERROR = 0x8000;
    private const ulong FAN_Q_OVERFLOW = 0x4000;
    private const byte FAN_EVENT_INFO_TYPE_FID = 1;
    private const byte FAN_EVENT_INFO_TYPE_ERROR = 5;

    // struct fanotify_event_metadata: event_len, vers, reserved, metadata_len, mask, fd, pid.
    private const int LengthOfHeadAt = sizeof(uint) + 1 + 1;
    private const int MaskAt = LengthOfHeadAt + sizeof(ushort);
    private const int HeadSize = MaskAt + sizeof(ulong) + sizeof(int) + sizeof(int);

    // struct fanotify_event_info_header: type, a byte of padding, length; then what the type says.
    private const int InfoLengthAt = 2;
    private const int InfoAt = InfoLengthAt + sizeof(ushort);
    private const int CountAt = InfoAt + sizeof(int);
    private const int ErrorEnd = CountAt + sizeof(uint);
    private const int HandleBytesAt = InfoAt + sizeof(ulong);
    private const int HandleTypeAt = HandleBytesAt + sizeof(uint);
    private const int HandleAt = HandleTypeAt + sizeof(int);

    /// <summary>An inode of XFS: number and generation (FILEID_INO64_GEN_PARENT of its own).</summary>
    private const int XfsHandleType = 0x81;
    private const int XfsHandleSize = sizeof(ulong) + sizeof(uint);

    /// <summary>The inode that an XFS names; false for the whole filesystem, and for another one's handle.</summary>
    public bool TryXfsInode(out ulong inode, out uint generation)
    {
        inode = 0;
        generation = 0;
        // With the parent behind it where that was known (0x82): the inode stands first.
        if (HandleType is not (XfsHandleType or XfsHandleType + 1) || Handle.Length < XfsHandleSize) return false;
        inode = BinaryPrimitives.ReadUInt64LittleEndian(Handle.Span);
        generation = BinaryPrimitives.ReadUInt32LittleEndian(Handle.Span[sizeof(ulong)..]);
        return inode != 0;
    }

    /// <summary>All events of what one read gave.</summary>
    /// <param name="overflows">Times that the kernel had no room for events.</param>
    public static List<FilesystemError> Parse(ReadOnlyMemory<byte> read, out int overflows)
    {
        var found = new List<FilesystemError>();
        overflows = 0;
        while (read.Length >= HeadSize)
        {
            ReadOnlySpan<byte> head = read.Span;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
            int headLength = BinaryPrimitives.ReadUInt16LittleEndian(head[LengthOfHeadAt..]);
            if (length < HeadSize || length > read.Length || headLength < HeadSize || headLength > length) break;
            ulong mask = BinaryPrimitives.ReadUInt64LittleEndian(head[MaskAt..]);
            if ((mask & FAN_Q_OVERFLOW) != 0) overflows++;
            if ((mask & FAN_FS_ERROR) != 0 && TryParse(read[headLength..(int)length], out FilesystemError error))
            {
                found.Add(error);
            }

            read = read[(int)length..];
        }

        return found;
    }

    private static bool TryParse(ReadOnlyMemory<byte> records, out FilesystemError error)
    {
        error = default;
        bool hasError = false;
        while (records.Length >= InfoAt)
        {
            ReadOnlySpan<byte> at = records.Span;
            int length = BinaryPrimitives.ReadUInt16LittleEndian(at[InfoLengthAt..]);
            if (length < InfoAt || length > records.Length) break;
            switch (at[0])
            {
                case FAN_EVENT_INFO_TYPE_ERROR when length >= ErrorEnd:
                    int errno = BinaryPrimitives.ReadInt32LittleEndian(at[InfoAt..]);
                    error = error with
                    {
                        Errno = errno == int.MinValue ? 0 : Math.Abs(errno),
                        Count = BinaryPrimitives.ReadUInt32LittleEndian(at[CountAt..]),
                    };
                    hasError = true;
                    break;
                case FAN_EVENT_INFO_TYPE_FID when length >= HandleAt:
                    uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(at[HandleBytesAt..]);
                    if (bytes > length - HandleAt) break;
                    error = error with
                    {
                        Filesystem = BinaryPrimitives.ReadUInt64LittleEndian(at[InfoAt..]),
                        HandleType = BinaryPrimitives.ReadInt32LittleEndian(at[HandleTypeAt..]),
                        Handle = records.Slice(HandleAt, (int)bytes).ToArray(),
                    };
                    break;
            }

            records = records[length..];
        }

        return hasError;
    }
}
