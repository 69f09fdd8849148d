// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>A range of one device of a layer, and the range that it is on the other side.</summary>
/// <param name="Member">Which device below.</param>
/// <param name="Below">Bytes of that device.</param>
/// <param name="Above">Bytes of the device that the layer makes; as long as those below.</param>
public readonly record struct StackPiece(int Member, ByteRange Below, ByteRange Above);

/// <summary>
/// How the bytes of one device lie on the devices below it. Ranges are clipped at both ends before they are translated
/// (C10); what has no place on the other side (a superblock, parity) is left out.
/// </summary>
public abstract class StackLayer
{
    /// <summary>In the kernel's words: "linear", "raid5", "partition".</summary>
    public abstract string Kind { get; }

    /// <summary>How many devices may fail whole without a byte being lost.</summary>
    public virtual int Redundancy => 0;

    /// <summary>What the device above has at a range of one below, in the order of the device below.</summary>
    public abstract IEnumerable<StackPiece> Up(int member, ByteRange below);

    /// <summary>The same of many ranges at once.</summary>
    public virtual IEnumerable<StackPiece> UpAll(int member, ByteRangeSet below) =>
        below.SelectMany(range => Up(member, range));

    /// <summary>Where a range of the device above lies, every copy of it, in the order of the device above.</summary>
    public abstract IEnumerable<StackPiece> Down(ByteRange above);
}
