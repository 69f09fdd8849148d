// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>What a hit costs; decides the exit status and the order of a report.</summary>
public enum Severity
{
    /// <summary>Nothing anybody wrote is lost: free space, unwritten extents, bytes past the end of a file.</summary>
    Harmless,

    /// <summary>A structure of the filesystem is hit.</summary>
    Metadata,

    /// <summary>Content that somebody stored in a file is lost.</summary>
    FileData,
}
