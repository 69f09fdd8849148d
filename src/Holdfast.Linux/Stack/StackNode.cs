// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>A device in the stack, with what it lies on.</summary>
public sealed class StackNode
{
    internal StackNode(string name, string kind, long? size)
    {
        Name = name;
        Kind = kind;
        Size = size;
    }

    /// <summary>Its node in /dev, or the file.</summary>
    public string Name { get; }

    /// <summary>"disk", "file", "partition", "loop", or how device-mapper or md make it: "linear", "raid5"…</summary>
    public string Kind { get; }

    /// <summary>Bytes; null where it does not say.</summary>
    public long? Size { get; }

    /// <summary>What it is called whatever its node is called today; null for a file and where there is none.</summary>
    public string? Identity { get; internal set; }

    /// <summary>What an administrator calls a mapped device: "vg-root".</summary>
    public string? Label { get; internal set; }

    /// <summary>How its bytes lie on the devices below; null where they cannot be followed.</summary>
    public StackLayer? Layer { get; internal set; }

    /// <summary>Why its bytes cannot be followed down; null where they can.</summary>
    public string? Opaque { get; internal set; }

    /// <summary>Members of a layer that are not there.</summary>
    public int Missing { get; internal set; }

    /// <summary>The devices that it lies on, in the layer's order; null where one is missing.</summary>
    public IReadOnlyList<StackNode?> Below { get; internal set; } = [];

    /// <summary>The devices that lie on it.</summary>
    public IReadOnlyList<StackNode> Above { get; internal set; } = [];

    /// <summary>Where it is mounted, and as what; null where it is not.</summary>
    public string? Mounted { get; internal set; }

    internal BlockDevice? Device { get; init; }
}
