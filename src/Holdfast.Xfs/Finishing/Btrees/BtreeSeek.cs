// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>Which record a lookup is after.</summary>
internal enum BtreeSeek
{
    /// <summary>The last one that does not come after the key.</summary>
    LessOrEqual,

    /// <summary>The one with the key. Where there is none the position is where it would be inserted.</summary>
    Equal,

    /// <summary>The first one that does not come before the key.</summary>
    GreaterOrEqual,
}
