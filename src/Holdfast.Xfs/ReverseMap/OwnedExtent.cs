// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>A reverse-map record with the group it lies in.</summary>
public readonly record struct OwnedExtent(uint Ag, RmapRecord Record) : IComparable<OwnedExtent>
{
    public int CompareTo(OwnedExtent other)
    {
        int order = Ag.CompareTo(other.Ag);
        return order != 0 ? order : Record.CompareTo(other.Record);
    }

    public static bool operator <(OwnedExtent left, OwnedExtent right) => left.CompareTo(right) < 0;

    public static bool operator >(OwnedExtent left, OwnedExtent right) => left.CompareTo(right) > 0;

    public static bool operator <=(OwnedExtent left, OwnedExtent right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OwnedExtent left, OwnedExtent right) => left.CompareTo(right) >= 0;
}
