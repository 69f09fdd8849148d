// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Sources;

/// <summary>Why bytes could not be had.</summary>
public enum ReadFaultKind
{
    None,

    /// <summary>The system refused: <see cref="ReadFault.Errno"/> says why.</summary>
    Io,

    /// <summary>The bytes lie in a given bad range, so nothing may rest on them, even if they can be read.</summary>
    KnownBad,

    /// <summary>The bytes lie past the end of the device: truncated image, or a hostile address.</summary>
    PastEnd,

    /// <summary>The bytes are those of a file, and what says where they lie is lost.</summary>
    Unmapped,
}

/// <summary>The first bytes of a read that could not be had; offset in bytes of the source that was asked.</summary>
public readonly record struct ReadFault(ReadFaultKind Kind, long Offset, int Errno)
{
    public static ReadFault None => default;

    /// <summary>A read from this offset that leaves a source of this length.</summary>
    public static ReadFault AtEnd(long offset, long length) => new(ReadFaultKind.PastEnd, Math.Max(offset, length), 0);

    public bool IsNone => Kind == ReadFaultKind.None;

    public override string ToString() => Kind switch
    {
        ReadFaultKind.None => "no fault",
        ReadFaultKind.Io => $"cannot be read ({Native.ErrorName(Errno)})",
        ReadFaultKind.KnownBad => "lies in a given bad range",
        ReadFaultKind.Unmapped => "belongs to a file whose mapping is lost here",
        _ => "lies past the end of the device",
    };
}
