// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Describe;

/// <summary>A structure taken apart for people: fields in the format's words, and lists of what it holds.</summary>
/// <param name="Title">What it is: "inode 131, a directory", "AGF of group 3".</param>
public sealed record Description(string Title, IReadOnlyList<Field> Fields, IReadOnlyList<Table> Tables);

/// <summary>One field.</summary>
public sealed record Field(string Name, string Value);

/// <summary>Rows of a structure: extents, records, entries. Cut at a limit; Total says how many there are.</summary>
public sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows,
    long Total);
