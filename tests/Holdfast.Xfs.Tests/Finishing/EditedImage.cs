// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>An image under an overlay, open for steps of finishing.</summary>
internal sealed class EditedImage : IDisposable
{
    private readonly DeviceBlockSource _device;
    private readonly OverlayBlockSource _overlay;

    public EditedImage(string path)
    {
        _device = DeviceBlockSource.Open(path);
        _overlay = new(_device);
        XfsVolume? volume = XfsVolume.Open(_overlay, out BlockFault fault);
        Volume = volume ?? throw new InvalidOperationException($"{path}: {fault}");
        Editor = new(Volume, _overlay);
    }

    public XfsVolume Volume { get; }

    public VolumeEditor Editor { get; }

    /// <summary>The volume read anew: headers of groups are read once in a volume's life.</summary>
    public XfsVolume Reopen() =>
        XfsVolume.Open(_overlay, out BlockFault fault) ?? throw new InvalidOperationException($"{fault}");

    /// <summary>Puts what lies over the device into a copy of it.</summary>
    public void WriteTo(string copy)
    {
        using FileStream file = new(copy, FileMode.Open, FileAccess.Write);
        foreach (ByteRange range in _overlay.Recovered)
        {
            byte[] bytes = new byte[range.Length];
            Assert.True(_overlay.Read(range.Offset, bytes).IsNone);
            file.Position = range.Offset;
            file.Write(bytes);
        }
    }

    public void Dispose() => _device.Dispose();
}
