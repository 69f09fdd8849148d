// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli;

/// <summary>The exit status is the sum of what holds. None: nothing was hit.</summary>
[Flags]
internal enum ExitBits
{
    None = 0,

    /// <summary>Content of a file is hit.</summary>
    FileData = 1,

    /// <summary>A structure of the filesystem is hit.</summary>
    Metadata = 2,

    /// <summary>The answer rests on less than all that it should.</summary>
    Incomplete = 4,

    /// <summary>It could not be done.</summary>
    Failed = 8,

    /// <summary>The command line makes no sense.</summary>
    Usage = 16,
}
