// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing;

/// <summary>
/// The bytes of one metadata block, inode or header sector as the steps of recovery have them so far. Owned by the
/// <see cref="VolumeEditor"/> that gave it out; not to be kept past the end of a step.
/// </summary>
internal sealed class EditBuffer(long offset, byte[] bytes, int crcAt, List<EditBuffer> changed)
{
    /// <summary>Byte offset on the data device.</summary>
    public long Offset { get; } = offset;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Where the checksum is; negative where the structure has none (V4).</summary>
    public int CrcAt { get; internal set; } = crcAt;

    /// <summary>Set by whoever has verified the block, so that it is done once.</summary>
    public bool IsVerified { get; set; }

    public bool IsDirty { get; internal set; }

    /// <summary>The bytes for changing; the checksum is made right when the step is committed.</summary>
    public Span<byte> Edit()
    {
        if (!IsDirty) changed.Add(this);
        IsDirty = true;
        return bytes;
    }
}
