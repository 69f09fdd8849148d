// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>How far GNU ddrescue has come with a block: one a block; as a set, a choice of blocks.</summary>
[Flags]
public enum MapfileStatuses : byte
{
    None = 0,

    /// <summary>'?': never read.</summary>
    NonTried = 1,

    /// <summary>'*': a read of it failed, its edges were not looked for yet. May hold good sectors.</summary>
    NonTrimmed = 2,

    /// <summary>'/': a read of it failed, it was not read sector by sector yet. May hold good sectors.</summary>
    NonScraped = 4,

    /// <summary>'-': every sector of it was read by itself, and failed.</summary>
    BadSector = 8,

    /// <summary>'+': read.</summary>
    Finished = 16,

    /// <summary>Everything that ddrescue would still try.</summary>
    Untried = NonTried | NonTrimmed | NonScraped,
}
