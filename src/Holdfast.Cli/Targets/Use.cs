// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Targets;

/// <summary>Who else has a device that is read.</summary>
internal enum Use
{
    None,

    /// <summary>The kernel's memory may be newer than what is read.</summary>
    InUse,

    /// <summary>A filesystem that is mounted and has shut down: nobody writes to it any more.</summary>
    ShutDown,
}
