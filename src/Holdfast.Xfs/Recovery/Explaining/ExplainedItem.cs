// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery.Explaining;

/// <summary>What replay does with an item of the log.</summary>
public enum ItemFate
{
    /// <summary>Nothing by itself: an intent is kept until the end, a "done" takes its intent away.</summary>
    Noted,
    Replayed,

    /// <summary>What lies on the device is as new or newer.</summary>
    Skipped,

    /// <summary>What it speaks of was freed later.</summary>
    Cancelled,
}

/// <summary>One item of a transaction, for people and programs. What does not apply is null.</summary>
/// <param name="Type">In XFS's words: "buffer", "inode", "EFI"…</param>
/// <param name="Text">What it changes, in a few words.</param>
/// <param name="Regions">Regions of the log that it takes.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record ExplainedItem(string Type, string Text, ItemFate Fate, int Regions, long Bytes)
{
    /// <summary>Byte offset of the buffer or inode on the data device.</summary>
    public long? Offset { get; init; }

    /// <summary>Bytes of it.</summary>
    public long? Length { get; init; }

    public ulong? Inode { get; init; }

    /// <summary>The number that ties an intent and its "done" together.</summary>
    public ulong? IntentId { get; init; }
}
