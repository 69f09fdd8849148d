// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>One block of a mapfile, with the line it was read from (0 where it comes from no file).</summary>
public readonly record struct MapfileBlock(ByteRange Range, MapfileStatuses Status, int Line)
{
    /// <summary>The status of a character of a mapfile; None where it is none.</summary>
    internal static MapfileStatuses StatusOf(byte character) => character switch
    {
        (byte)'?' => MapfileStatuses.NonTried,
        (byte)'*' => MapfileStatuses.NonTrimmed,
        (byte)'/' => MapfileStatuses.NonScraped,
        (byte)'-' => MapfileStatuses.BadSector,
        (byte)'+' => MapfileStatuses.Finished,
        _ => MapfileStatuses.None,
    };
}
