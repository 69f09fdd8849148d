// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>What one line of a kernel log means.</summary>
internal enum KernelLogMeaning
{
    /// <summary>Not about a failed request.</summary>
    Nothing,
    FailedRead,
    FailedWrite,
    OtherError,
    DamagedMetadata,
    Suppressed,

    /// <summary>About a failed read, and not understood.</summary>
    Wrong,
}
