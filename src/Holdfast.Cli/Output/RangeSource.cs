// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>One thing that named bad ranges: an option, or a list with its file.</summary>
/// <param name="Kind">"range", "sector", "mapfile", "badblocks", "sysfs_badblocks", "smart", "dmesg".</param>
/// <param name="Name">The file; empty for options that carry their own ranges.</param>
/// <param name="Count">Ranges named, as written: before merging.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record RangeSource(string Kind, string Name, long Count, long Bytes);
