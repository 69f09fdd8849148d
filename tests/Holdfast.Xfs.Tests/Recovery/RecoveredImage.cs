// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Testing.Kernel;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>An image whose log was recovered in memory, and the reader on top.</summary>
internal sealed class RecoveredImage : IDisposable
{
    private readonly DeviceBlockSource _data;
    private readonly DeviceBlockSource? _log;

    public RecoveredImage(ImageSet images, IRecoveryObserver? observer = null, bool finish = true)
    {
        _data = DeviceBlockSource.Open(images.Data);
        _log = images.Log is null ? null : DeviceBlockSource.Open(images.Log);
        byte[] sector = new byte[4096];
        Assert.True(_data.Read(0, sector).IsNone);
        Assert.True(Superblock.TryOpen(sector, out Superblock superblock).IsNone);
        LogPlace place = LogImage.PlaceOf(images);
        LogState state = LogReader.FindState(_log ?? _data, place);
        Log = LogReplay.Run(_data, _log ?? _data, place, state, Geometry.Of(in superblock), observer);
        Finished = finish ? VolumeRecovery.Finish(Log) : FinishedRecovery.Nothing;
        XfsVolume? volume = XfsVolume.Open(Log.Overlay, out BlockFault fault);
        Reader = new(volume ?? throw new InvalidOperationException($"{images.Data}: {fault}"), _data);
    }

    public RecoveredLog Log { get; }

    public FinishedRecovery Finished { get; }

    public Reader Reader { get; }

    public XfsVolume Volume => Reader.Volume;

    /// <summary>Puts what was recovered into a copy of the image.</summary>
    public void WriteTo(string copy)
    {
        using FileStream file = new(copy, FileMode.Open, FileAccess.Write);
        foreach (ByteRange range in Log.Overlay.Recovered)
        {
            byte[] bytes = new byte[range.Length];
            Assert.True(Log.Overlay.Read(range.Offset, bytes).IsNone);
            file.Position = range.Offset;
            file.Write(bytes);
        }
    }

    public void Dispose()
    {
        Reader.Dispose();
        _log?.Dispose();
    }
}
