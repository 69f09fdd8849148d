// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>A partition as its table has it; the range in bytes of the disk.</summary>
/// <param name="Number">As Linux counts: GPT entries from 1, MBR primaries 1 to 4, logical ones from 5.</param>
/// <param name="Type">What the table says is in it: "Linux LVM", or the bare type where it has no name here.</param>
/// <param name="Uuid">GPT: the partition's own GUID. MBR: disk signature and number, as in PARTUUID.</param>
/// <param name="Label">GPT only.</param>
internal readonly record struct Partition(int Number, ByteRange Range, string Type, string Uuid, string Label);

/// <summary>A partition table that is believed.</summary>
/// <param name="Scheme">"GPT" or "MBR".</param>
/// <param name="Areas">The bytes of the table itself, each with a name.</param>
internal sealed record PartitionTable(
    string Scheme, int SectorSize, IReadOnlyList<Partition> Partitions, IReadOnlyList<DiskArea> Areas);
