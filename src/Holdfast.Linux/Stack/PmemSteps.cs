// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>Down from persistent memory: block device → namespace → region → physical memory.</summary>
internal static class PmemSteps
{
    private const string Untold = "the kernel tells its address only root, and only while it is in use";

    internal static StackStep Below(PmemDevice pmem)
    {
        StackMember space = NamespaceOf(pmem);
        if (pmem.IsMapped)
        {
            return new() { Opaque = "sector mode (btt): every write moves the sectors", Members = [space] };
        }

        return Step("pmem", pmem.Data, pmem.NamespaceBytes, space);
    }

    private static StackMember NamespaceOf(PmemDevice pmem) => new(
        pmem.Namespace, "namespace", null, () => pmem.NamespaceBytes?.Length,
        () => Step("namespace", pmem.NamespaceBytes, pmem.RegionBytes, RegionOf(pmem)));

    private static StackMember RegionOf(PmemDevice pmem)
    {
        var memory = new StackMember("physical memory", "memory", null, () => null, () => StackStep.Bottom);
        return new(
            pmem.Region, "region", null, () => pmem.RegionBytes?.Length,
            () => Step("region", pmem.RegionBytes, new ByteRange(0, long.MaxValue), memory));
    }

    /// <summary>Both by their physical addresses, the one within the other.</summary>
    private static StackStep Step(string kind, ByteRange? above, ByteRange? below, StackMember member) =>
        above is { } inner && below is { } outer && outer.Offset <= inner.Offset && inner.End <= outer.End
            ? new()
            {
                Layer = new LinearLayer(kind, [new(0, inner.Length, 0, inner.Offset - outer.Offset)]),
                Members = [member],
            }
            : new() { Opaque = Untold, Members = [member] };
}
