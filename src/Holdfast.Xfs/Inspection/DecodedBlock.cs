// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Inspection;

/// <summary>One field of a block, under the format's own name.</summary>
public sealed record DecodedField(string Name, string Value);

/// <summary>What a block is by its own word, and what it holds.</summary>
/// <param name="Bytes">The structure's bytes on the data device: a sector, a filesystem block, a directory block.</param>
/// <param name="Structure">In the words of the reports; "no structure of its own" for content and everything unknown.</param>
/// <param name="Fault">None, or why it is not believed: then the fields are what it claims.</param>
/// <param name="Rows">Records, entries or inodes, in order, as text; names in it are bytes of anybody's.</param>
public sealed record DecodedBlock(
    ByteRange Bytes, string Structure, BlockFault Fault, IReadOnlyList<DecodedField> Fields, IReadOnlyList<string> Rows)
{
    public const string NoStructure = "no structure of its own";
}
