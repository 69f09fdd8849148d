// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>One mapping of a fork.</summary>
/// <param name="Length">Blocks, less than 2^21.</param>
internal readonly record struct ForkExtent(FileBlock Offset, FsBlock Start, uint Length, bool IsUnwritten);
