// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>One step down: what a device or file lies on, and how.</summary>
internal sealed record StackStep
{
    internal static StackStep Bottom { get; } = new();

    /// <summary>How its bytes lie on the members; null where they cannot be followed, or there are none.</summary>
    internal StackLayer? Layer { get; init; }

    /// <summary>Why they cannot be followed.</summary>
    internal string? Opaque { get; init; }

    /// <summary>Members that are not there, or do not have all that they should.</summary>
    internal int Missing { get; init; }

    /// <summary>In the layer's order; null where one is missing.</summary>
    internal IReadOnlyList<StackMember?> Members { get; init; } = [];
}
