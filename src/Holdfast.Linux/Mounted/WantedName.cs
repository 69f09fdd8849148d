// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Mounted;

/// <summary>An inode whose paths are asked for.</summary>
/// <param name="Generation">Null where it cannot be read: then only directories can name it.</param>
/// <param name="Links">How many names it should have; null where one does not know.</param>
internal readonly record struct WantedName(ulong Inode, uint? Generation, uint? Links);
