// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// Something an answer could not rest on: a structure that is damaged, unreadable or inside a bad range. Offset and
/// length are bytes of the device.
/// </summary>
/// <param name="Structure">The structure that was expected there, in XFS's words.</param>
/// <param name="Field">The field that is wrong, or how the block could not be had ("read", "bad range").</param>
/// <param name="Wanted">What the field should have been; empty where no one value is right.</param>
/// <param name="Found">What was found, or the system's error.</param>
public sealed record Fault(
    DeviceRole Device, long Offset, long Length, string Structure, string Field, string Wanted, string Found)
{
    /// <summary>The answer does not rest on it: there was another way to know.</summary>
    public bool IsWorkedAround { get; init; }

    public override string ToString()
    {
        string where = $"{Structure} at byte {Offset} of the {Device.ToString().ToLowerInvariant()} device";
        return Wanted.Length == 0
            ? $"{where}: {Field}: {Found}"
            : $"{where}: {Field} is {Found}, wanted {Wanted}";
    }
}
