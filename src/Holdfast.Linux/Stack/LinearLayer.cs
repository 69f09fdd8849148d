// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>A piece of a device that lies in one piece of another.</summary>
/// <param name="Above">First byte of the device above.</param>
/// <param name="Below">First byte of the member.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct LinearSegment(long Above, long Length, int Member, long Below);

/// <summary>
/// Pieces one behind the other: a partition, a loop device, device-mapper's linear and crypt (which changes the bytes,
/// and not their places), md's linear.
/// </summary>
public sealed class LinearLayer(string kind, IReadOnlyList<LinearSegment> segments) : StackLayer
{
    private readonly LinearSegment[] _byAbove = [.. segments.OrderBy(at => at.Above)];
    private readonly LinearSegment[] _byBelow = [.. segments.OrderBy(at => at.Below)];

    public override string Kind => kind;

    public IReadOnlyList<LinearSegment> Segments => segments;

    public override IEnumerable<StackPiece> Up(int member, ByteRange below)
    {
        foreach (LinearSegment segment in _byBelow.Where(at => at.Member == member))
        {
            ByteRange hit = new ByteRange(segment.Below, segment.Length).Intersect(below);
            if (hit.IsEmpty) continue;
            yield return new(member, hit, new(hit.Offset - segment.Below + segment.Above, hit.Length));
        }
    }

    public override IEnumerable<StackPiece> Down(ByteRange above)
    {
        foreach (LinearSegment segment in _byAbove)
        {
            ByteRange hit = new ByteRange(segment.Above, segment.Length).Intersect(above);
            if (hit.IsEmpty) continue;
            yield return new(segment.Member, new(hit.Offset - segment.Above + segment.Below, hit.Length), hit);
        }
    }
}
