// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>
/// The same bytes at the same place of every member: md's raid1, device-mapper's mirror; and multipath, whose members
/// are ways to one disk, so that none of them is a copy.
/// </summary>
/// <param name="starts">Of each member the byte at which they begin.</param>
/// <param name="length">Bytes of the device above.</param>
/// <param name="areCopies">False where all members are the same medium.</param>
public sealed class CopiesLayer(string kind, IReadOnlyList<long> starts, long length, bool areCopies) : StackLayer
{
    public override string Kind => kind;

    public override int Redundancy => areCopies ? starts.Count - 1 : 0;

    public override IEnumerable<StackPiece> Up(int member, ByteRange below)
    {
        ByteRange hit = new ByteRange(starts[member], length).Intersect(below);
        if (!hit.IsEmpty) yield return new(member, hit, new(hit.Offset - starts[member], hit.Length));
    }

    public override IEnumerable<StackPiece> Down(ByteRange above)
    {
        ByteRange hit = new ByteRange(0, length).Intersect(above);
        if (hit.IsEmpty) yield break;
        for (int member = 0; member < starts.Count; member++)
        {
            yield return new(member, new(hit.Offset + starts[member], hit.Length), hit);
        }
    }
}
