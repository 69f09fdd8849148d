// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Daemon.Media;
using Holdfast.Failures;
using Holdfast.Linux.Media;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// Lets a scan's reads be known for the daemon's own, so that what the kernel says of them is no news. By windows of a
/// few reads: to look where bytes lie on the devices below takes longer than a read of a fast disk.
/// </summary>
internal sealed class ScanEcho(OwnReads own, ScanPlaces places, long length) : IScanListener, IDisposable
{
    private const long WindowSize = 8 << 20;

    private readonly List<OwnReads.Read> _reads = [];
    private ByteRange _window;
    private bool _isGood = true;

    public void Reading(ByteRange range)
    {
        if (range.Offset >= _window.Offset && range.End <= _window.End) return;
        Dispose();
        // A read is shorter than a window, and may reach over the border of two.
        _window = ByteRange.FromTo(range.Offset, Math.Max(range.End, Math.Min(range.Offset + WindowSize, length)));
        foreach ((DeviceIdentity device, ByteRangeSet ranges) in places.Of(ByteRangeSet.From([_window])))
        {
            _reads.Add(own.Begin(device.Identity, ranges));
        }
    }

    public void Ended(ByteRange range, bool isGood) => _isGood &= isGood;

    /// <summary>Nothing more is read in the window.</summary>
    public void Dispose()
    {
        foreach (OwnReads.Read read in _reads) own.End(read, _isGood);
        _reads.Clear();
        (_window, _isGood) = (default, true);
    }
}
