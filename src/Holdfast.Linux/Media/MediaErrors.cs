// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Media;

/// <summary>What a failed request means for the bytes it asked for.</summary>
public enum MediaMeaning
{
    /// <summary>Nothing about the medium: a timeout, a broken path, no room, a request it does not know.</summary>
    Nothing,

    /// <summary>The medium may have lost them.</summary>
    Bad,

    /// <summary>The device is not there any more.</summary>
    Gone,
}

/// <summary>What was asked of the device.</summary>
public enum MediaOperation
{
    Read,
    Write,

    /// <summary>Discards, flushes, zone management and the like: no content is asked for.</summary>
    Other,
}

/// <summary>
/// Operation and error number of a request, and what they say of the medium (blk_errors in block/blk-core.c gives the
/// numbers). Only failed reads can have lost content; a failed write says that its place may be bad.
/// </summary>
public static class MediaErrors
{
    private const int ENXIO = 6;
    private const int EIO = 5;
    private const int ENODEV = 19;
    private const int ENODATA = 61; // a critical medium error
    private const int EILSEQ = 84; // protection information that does not fit

    public static MediaMeaning Of(MediaOperation operation, int errno) => (operation, Math.Abs(errno)) switch
    {
        (_, ENODEV or ENXIO) => MediaMeaning.Gone,
        (MediaOperation.Read or MediaOperation.Write, EIO or ENODATA or EILSEQ) => MediaMeaning.Bad,
        _ => MediaMeaning.Nothing,
    };
}
