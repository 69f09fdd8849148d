// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// A place where filesystems lie, one after the other, and the holder that speaks for the one of now. The first range
/// is the partition for its data, which a filesystem need not fill.
/// </summary>
internal sealed class SimulatedPlace(string name, string uuid, params HolderRange[] ranges)
{
    internal string Name => name;

    /// <summary>Where its data lies; its device may get another name.</summary>
    internal HolderRange[] Ranges { get; } = ranges;

    /// <summary>Of the filesystem that lies here now.</summary>
    internal string Uuid { get; set; } = uuid;

    /// <summary>Bytes of the partition that it takes; it may grow.</summary>
    internal long Length { get; set; } = ranges[0].Range.Length;

    internal long LengthMax => Ranges[0].Range.Length;

    /// <summary>The holder's own knowledge; null: it holds nothing.</summary>
    internal long? Epoch { get; set; }

    internal HolderState State { get; set; }

    /// <summary>A word of its had no answer: it may have been heard all the same.</summary>
    internal bool IsUncertain { get; set; }

    /// <summary>Its disk is out, and nobody speaks for it until something else is put there.</summary>
    internal bool IsEmpty { get; set; }

    /// <summary>An epoch that is over, for late words.</summary>
    internal long? LateEpoch { get; set; }

    /// <summary>A word of its is under way: nobody knows which state it is in.</summary>
    internal bool IsSpeaking { get; set; }

    /// <summary>Another filesystem lies here, and whoever spoke for the last one says no more.</summary>
    internal void Become(string filesystem, long length)
    {
        (Uuid, Length) = (filesystem, Math.Min(length, LengthMax));
        FallSilent();
    }

    /// <summary>Something new is where a disk was out.</summary>
    internal void Fill(string filesystem)
    {
        IsEmpty = false;
        Become(filesystem, LengthMax);
    }

    internal void FallSilent() => (LateEpoch, Epoch) = (Epoch, null);

    /// <summary>How long a filesystem is, is known once its superblock is read.</summary>
    internal HolderClaim Claim(HolderState state, long? epoch) => new()
    {
        Name = name,
        Ranges = state == HolderState.Claimed
            ? Ranges
            : [Ranges[0] with { Range = new(Ranges[0].Range.Offset, Length) }, .. Ranges[1..]],
        State = state,
        Filesystem = state == HolderState.Claimed ? null : new("xfs", Uuid, null),
        Lease = TimeSpan.FromSeconds(60),
        Epoch = epoch,
    };
}
