// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>What a device's role in its array is, as far as its own superblock knows.</summary>
internal enum MdRole
{
    Active,
    Spare,
    Faulty,
    Journal,
}

/// <summary>
/// A member of an md array by its superblock, whichever version that has. Ranges in bytes of the device.
/// </summary>
/// <param name="Version">"0.90", "1.0", "1.1" or "1.2".</param>
/// <param name="Superblock">Where it lies.</param>
/// <param name="Data">Where this member's share of the array lies; for RAID1 that is the whole array.</param>
internal sealed record MdMember(
    string Version, int Level, string Uuid, string ArrayName, int RaidDisks, ByteRange Superblock, ByteRange Data)
{
    internal required MdRole Role { get; init; }

    internal int Slot { get; init; } = -1;

    /// <summary>Members that hold data, this one included.</summary>
    internal required int ActiveMembers { get; init; }

    /// <summary>The data are on their way to another layout: no one offset is right.</summary>
    internal bool ReshapeUnderWay { get; init; }

    /// <summary>
    /// Bytes of the data area from here on were never rebuilt on this member; its length where all were.
    /// </summary>
    internal required long Recovered { get; init; }

    /// <summary>Where the list of bad blocks lies; empty where there is none.</summary>
    internal ByteRange BadBlockLog { get; init; }

    /// <summary>The unit that the list counts in is 512 bytes shifted by so much.</summary>
    internal int BadBlockShift { get; init; }

    /// <summary>Is it whole on this one device?</summary>
    internal bool IsReadable => Level == MdLevel.Mirror && Role == MdRole.Active && !ReshapeUnderWay;

    internal string Describe()
    {
        string name = ArrayName.Length == 0 ? string.Empty : $" \"{ArrayName}\"";
        string role = Role == MdRole.Active ? $"member {Slot} of {RaidDisks}" : $"{Role}".ToLowerInvariant();
        return $"md {MdLevel.NameOf(Level)}{name}, {role} (metadata {Version})";
    }

    /// <summary>Why one member does not show the array; null where it does.</summary>
    internal string? WhyOpaque() =>
        Role != MdRole.Active ? $"an md device that holds no current data ({$"{Role}".ToLowerInvariant()})"
        : Level != MdLevel.Mirror ? $"md {MdLevel.NameOf(Level)} is not readable from one member"
        : ReshapeUnderWay ? "md raid1 in the middle of a reshape"
        : null;

    internal string? Redundancy() => !IsReadable ? null
        : ActiveMembers > 1 ? $"raid1: {ActiveMembers - 1} other member(s) hold a copy"
        : "raid1, but no other member holds a copy";
}
