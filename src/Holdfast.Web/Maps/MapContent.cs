// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Maps;

/// <summary>What bad bytes of a device were, from what nobody misses to what hurts most, which wins.</summary>
public enum MapContent
{
    /// <summary>Free, never written, or past the end of a file.</summary>
    Harmless,

    /// <summary>Nobody is known to own it.</summary>
    Unknown,
    Metadata,
    FileData,
}
