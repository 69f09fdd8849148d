// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>What a fault in a layout costs.</summary>
public enum LayoutFaultEffect
{
    /// <summary>Another copy of the structure was used: nothing is lost.</summary>
    Recovered,

    /// <summary>Something may lie on the disk that was not found, or is not as it is said to be.</summary>
    Incomplete,
}

/// <summary>
/// A structure of a disk's layout that is damaged, unreadable or inside a bad range. Offset and length are bytes of the
/// source named.
/// </summary>
/// <param name="Source">The disk, partition or volume that the structure lies on.</param>
/// <param name="Structure">In the words of the format: "GPT header", "LVM metadata area".</param>
/// <param name="Field">The field that is wrong, or "read" where the bytes could not be had.</param>
/// <param name="Wanted">What the field should have been; empty where no one value is right.</param>
/// <param name="Found">What was found, or the system's error.</param>
public sealed record LayoutFault(
    string Source, long Offset, long Length, string Structure, string Field, string Wanted, string Found)
{
    public LayoutFaultEffect Effect { get; init; } = LayoutFaultEffect.Incomplete;

    public override string ToString()
    {
        string where = $"{Structure} at byte {Offset} of {Source}";
        return Wanted.Length == 0
            ? $"{where}: {Field}: {Found}"
            : $"{where}: {Field} is {Found}, wanted {Wanted}";
    }
}
