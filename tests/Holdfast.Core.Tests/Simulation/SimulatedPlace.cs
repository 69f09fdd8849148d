// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// A place where filesystems lie, one after the other, and the holder that speaks for the one of now.
/// </summary>
internal sealed class SimulatedPlace(string name, DeviceIdentity device, ByteRange range, string uuid)
{
    internal string Name => name;

    internal DeviceIdentity Device { get; set; } = device;

    internal ByteRange Range => range;

    /// <summary>Of the filesystem that lies here now.</summary>
    internal string Uuid { get; set; } = uuid;

    /// <summary>The holder's own knowledge; null: it holds nothing.</summary>
    internal long? Epoch { get; set; }

    internal HolderState State { get; set; }

    /// <summary>A word of its had no answer: it may have been heard all the same.</summary>
    internal bool IsUncertain { get; set; }

    /// <summary>An epoch that is over, for late words.</summary>
    internal long? LateEpoch { get; set; }

    /// <summary>A word of its is under way: nobody knows which state it is in.</summary>
    internal bool IsSpeaking { get; set; }

    internal HolderClaim Claim(HolderState state, long? epoch) => new()
    {
        Name = name,
        Ranges = [new(Device, DeviceRole.Data, range)],
        State = state,
        Filesystem = state == HolderState.Claimed ? null : new("xfs", Uuid, null),
        Lease = TimeSpan.FromSeconds(60),
        Epoch = epoch,
    };
}
