// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>Something that bytes lie on, before anybody looked at what it lies on itself.</summary>
/// <param name="Name">Its node in /dev, the file, or what the kernel calls it.</param>
/// <param name="Device">Null for what is no block device.</param>
/// <param name="Size">Bytes, looked at when asked; null where it does not say.</param>
/// <param name="Below">What it lies on, looked at when asked.</param>
internal sealed record StackMember(
    string Name, string Kind, BlockDevice? Device, Func<long?> Size, Func<StackStep> Below)
{
    /// <summary>It has no place on any device, which is known without looking below.</summary>
    internal bool EndsHere { get; init; }
}
