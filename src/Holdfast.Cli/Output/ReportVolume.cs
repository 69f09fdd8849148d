// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>The filesystem that a report speaks of, and where it lies on the target.</summary>
internal sealed record ReportVolume
{
    /// <summary>What it is on the target: "partition 2", "vg/root"; empty where the target is the filesystem.</summary>
    public string Name { get; init; } = "";

    public required Guid Uuid { get; init; }

    /// <summary>The filesystem's own label; empty where it has none.</summary>
    public string Label { get; init; } = "";

    /// <summary>Byte offset on the target; null where it is not one piece of it (LVM, md).</summary>
    public long? Offset { get; init; }

    /// <summary>Bytes of the data device that belong to the filesystem.</summary>
    public required long Length { get; init; }

    public required int BlockSize { get; init; }
}
