// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Producers;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// Under which identities bytes of a scanned device are on record: those that a kernel event of them would have.
/// </summary>
internal sealed class ScanPlaces(DeviceIdentity device, KernelRoots roots)
{
    /// <summary>Of a striped volume every chunk is a place of its own: not too many at once.</summary>
    private const long WindowOfVolumes = 4L << 30;

    private readonly BlockDevice? _disk = BlockDevice.At(device.Name, roots);

    /// <param name="ranges">Of the scanned device.</param>
    /// <returns>Of the devices that they are on record for; none of them empty.</returns>
    internal IEnumerable<(DeviceIdentity Device, ByteRangeSet Ranges)> Of(ByteRangeSet ranges)
    {
        if (ranges.IsEmpty) return [];
        return _disk is null ? [(device, ranges)] : EventPlaces.Of(_disk, ranges, roots);
    }

    /// <summary>Any number of bytes, in parts that are not too large.</summary>
    internal IEnumerable<ByteRangeSet> Parts(ByteRangeSet ranges)
    {
        if (_disk is null || ranges.IsEmpty || (!_disk.IsRaid && _disk.MappedName is null))
        {
            yield return ranges;
            yield break;
        }

        for (long at = ranges[0].Offset; at < ranges[^1].End; at += WindowOfVolumes)
        {
            yield return ByteRangeSet.From(ranges.Within(new(at, WindowOfVolumes)));
        }
    }
}
