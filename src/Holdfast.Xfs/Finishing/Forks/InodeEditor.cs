// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// One inode, verified, and open for changing. It holds no bytes of its own: every use asks the
/// <see cref="VolumeEditor"/>, so it may be kept over any number of steps, until the inode is freed. Fields are set
/// as they are on disk; what a field means for another is for the caller to know.
/// </summary>
internal sealed class InodeEditor
{
    private readonly VolumeEditor _editor;
    private readonly long _offset;
    private readonly int _length;
    private readonly int _within;

    private InodeEditor(VolumeEditor editor, InodeNumber number)
    {
        _editor = editor;
        Number = number;

        // A V4 inode can be half a sector, and sectors are what the overlay keeps.
        long at = editor.Geometry.ByteOf(number);
        _within = (int)(at % DiskAddress.Size);
        _offset = at - _within;
        _length = Math.Max(editor.Geometry.InodeSize, DiskAddress.Size);
    }

    public InodeNumber Number { get; }

    public int Version => Bytes[Inode.VersionAt];

    public ushort Mode
    {
        get => Bytes.U16(Inode.ModeAt);
        set => BinaryPrimitives.WriteUInt16BigEndian(Edit()[Inode.ModeAt..], value);
    }

    public FileType Type => View.Type;

    public uint Links
    {
        get => View.Links;
        set
        {
            if (Version == 1) BinaryPrimitives.WriteUInt16BigEndian(Edit()[Inode.MetadataTypeAt..], (ushort)value);
            else BinaryPrimitives.WriteUInt32BigEndian(Edit()[Inode.LinksAt..], value);
        }
    }

    /// <summary>Length of the file in bytes.</summary>
    public long Size
    {
        get => (long)Bytes.U64(Inode.SizeAt);
        set => BinaryPrimitives.WriteInt64BigEndian(Edit()[Inode.SizeAt..], value);
    }

    /// <summary>Filesystem blocks of both forks, block maps included.</summary>
    public ulong Blocks
    {
        get => Bytes.U64(Inode.BlocksAt);
        set => BinaryPrimitives.WriteUInt64BigEndian(Edit()[Inode.BlocksAt..], value);
    }

    public uint ExtentSizeHint
    {
        get => Bytes.U32(Inode.ExtentSizeAt);
        set => BinaryPrimitives.WriteUInt32BigEndian(Edit()[Inode.ExtentSizeAt..], value);
    }

    public ushort Flags
    {
        get => Bytes.U16(Inode.FlagsAt);
        set => BinaryPrimitives.WriteUInt16BigEndian(Edit()[Inode.FlagsAt..], value);
    }

    /// <summary>0, and not to be set, in what is not a version 3 inode.</summary>
    public ulong Flags2
    {
        get => Version == 3 ? Bytes.U64(Inode.Flags2At) : 0;
        set => BinaryPrimitives.WriteUInt64BigEndian(Edit()[Inode.Flags2At..], value);
    }

    public uint Generation
    {
        get => Bytes.U32(Inode.GenerationAt);
        set => BinaryPrimitives.WriteUInt32BigEndian(Edit()[Inode.GenerationAt..], value);
    }

    public uint NextUnlinked
    {
        get => Bytes.U32(Inode.NextUnlinkedAt);
        set => BinaryPrimitives.WriteUInt32BigEndian(Edit()[Inode.NextUnlinkedAt..], value);
    }

    public bool IsRealtime => View.IsRealtime;

    public bool IsReflinked => View.IsReflinked;

    /// <summary>Where the attribute fork begins in the literal area, in units of 8 bytes; 0: there is none.</summary>
    public int ForkOffset
    {
        get => Bytes[Inode.ForkOffsetAt];
        set => Edit()[Inode.ForkOffsetAt] = (byte)value;
    }

    public bool HasAttributeFork => ForkOffset != 0;

    /// <summary>Bytes that both forks share.</summary>
    public int LiteralLength => _editor.Geometry.InodeSize - View.CoreSize;

    /// <summary>As a reader sees it; valid until the next change.</summary>
    public Inode View => Inode.Trusted(Bytes, Number);

    public ReadOnlySpan<byte> Bytes => Buffer.Bytes.Slice(_within, _editor.Geometry.InodeSize);

    private EditBuffer Buffer => _editor.Buffer(_offset, _length, _within + Inode.CrcAt, $"inode {Number}");

    /// <summary>The whole inode for changing.</summary>
    public Span<byte> Edit() => Buffer.Edit().Slice(_within, _editor.Geometry.InodeSize);

    public bool IsReal(ForkKind fork) => fork == ForkKind.Data || HasAttributeFork;

    public ForkFormat FormatOf(ForkKind fork) =>
        (ForkFormat)Bytes[fork == ForkKind.Data ? Inode.FormatAt : Inode.AttributeFormatAt];

    public void SetFormat(ForkKind fork, ForkFormat format) =>
        Edit()[fork == ForkKind.Data ? Inode.FormatAt : Inode.AttributeFormatAt] = (byte)format;

    /// <summary>Mappings of a fork.</summary>
    public ulong ExtentsOf(ForkKind fork) => fork == ForkKind.Data ? View.DataExtents : View.AttributeExtents;

    public void SetExtents(ForkKind fork, ulong count)
    {
        bool isLarge = (Flags2 & Inode.Flag2LargeExtentCounts) != 0;
        Span<byte> bytes = Edit();
        if (isLarge && fork == ForkKind.Data) BinaryPrimitives.WriteUInt64BigEndian(bytes[Inode.BigExtentsAt..], count);
        else if (isLarge || fork == ForkKind.Data)
            BinaryPrimitives.WriteUInt32BigEndian(bytes[Inode.ExtentsAt..], (uint)count);
        else BinaryPrimitives.WriteUInt16BigEndian(bytes[Inode.AttributeExtentsAt..], (ushort)count);
    }

    /// <summary>The room of a fork within the inode; empty for an attribute fork that is not there.</summary>
    public ReadOnlySpan<byte> Fork(ForkKind fork)
    {
        Inode view = View;
        return fork == ForkKind.Data ? view.DataFork : view.AttributeFork;
    }

    public Span<byte> EditFork(ForkKind fork)
    {
        Inode view = View;
        int room = Fork(fork).Length;
        int at = view.CoreSize + (fork == ForkKind.Data ? 0 : ForkOffset * sizeof(ulong));
        return Edit().Slice(at, room);
    }

    /// <exception cref="RecoveryFailure">The inode is not to be believed, or free.</exception>
    internal static InodeEditor Open(FinishContext context, InodeNumber number)
    {
        VolumeEditor editor = context.Editor;
        if (!editor.Geometry.IsValid(number))
        {
            RecoveryFailure.Throw(BlockFault.Bad("inode number", $"{number} is no place on the device"), 0, 0,
                $"inode {number}");
        }

        var inode = new InodeEditor(editor, number);
        EditBuffer buffer = inode.Buffer;
        if (!buffer.IsVerified || !editor.Features.IsV5)
        {
            BlockFault fault = Inode.TryOpen(
                inode.Bytes, number, editor.Features.IsV5, editor.Geometry.MetadataUuid, out _);
            if (!fault.IsNone) inode.Fail(fault);
            buffer.IsVerified = true;
        }

        if (inode.Mode == 0) inode.Fail(BlockFault.Bad("di_mode", "0: the inode is free"));
        return inode;
    }

    /// <exception cref="RecoveryFailure">Always.</exception>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal void Fail(BlockFault fault) =>
        RecoveryFailure.Throw(fault, _offset + _within, _editor.Geometry.InodeSize, $"inode {Number}");
}
