// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Cli.Output;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Targets;

/// <summary>
/// A device or image with the one XFS on it that is meant. Nothing can be read from it that a bad range or a mapfile
/// forbids. Owns the devices.
/// </summary>
internal sealed class OpenedTarget : IDisposable
{
    private readonly IBlockSource _owned;
    private readonly IBlockSource? _ownedLog;
    private readonly LayoutTree _tree;

    internal OpenedTarget(
        string path, IBlockSource device, IBlockSource? log, LayoutTree tree, LayoutNode node,
        RecoveredVolume recovered)
    {
        Path = path;
        _owned = device;
        _ownedLog = log;
        _tree = tree;
        Node = node;
        Recovered = recovered;
        ReadLabel();
    }

    /// <summary>As it was typed.</summary>
    public string Path { get; }

    public Use Use { get; init; }

    /// <summary>Bytes of the whole target.</summary>
    public long Length => _owned.Length;

    /// <summary>The filesystem as the view has it that was asked for.</summary>
    public XfsVolume Volume => Recovered.Volume;

    public RecoveredVolume Recovered { get; }

    /// <summary>Where the filesystem lies on the target.</summary>
    public LayoutNode Node { get; }

    /// <summary>The filesystem's label; empty where it has none, or where the superblock cannot be read.</summary>
    public string Label { get; private set; } = "";

    /// <summary>The filesystem lies directly on the target, from its first byte on.</summary>
    public bool IsWhole => Node == _tree.Target;

    public ReportVolume Report => new()
    {
        Name = IsWhole ? "" : Node.Name,
        Uuid = Volume.Geometry.Uuid,
        Label = Label,
        Offset = Offset(),
        Length = Volume.Geometry.DataLength,
        BlockSize = Volume.Geometry.BlockSize,
    };

    /// <summary>
    /// Damage on the way to the filesystem that may make it something else than it is taken for. An XFS that fills the
    /// target has no layout, whatever its first sectors might have said.
    /// </summary>
    public IEnumerable<string> LayoutGaps => IsWhole ? [] : LayoutTree.FaultsOnTheWayTo(Node)
        .Where(f => f.Effect == LayoutFaultEffect.Incomplete)
        .Select(f => f.ToString());

    /// <summary>Ranges of the target as ranges of the filesystem's data device.</summary>
    public TranslatedRanges ToVolume(ByteRangeSet ranges) => Node.FromDevice(_owned, ranges);

    /// <summary>Ranges of the filesystem's data device as ranges of the target.</summary>
    public IEnumerable<ByteRange> ToTarget(ByteRange range)
    {
        foreach (DeviceRange piece in Node.ToDevices(range))
        {
            if (ReferenceEquals(piece.Device, _owned)) yield return piece.Range;
        }
    }

    /// <summary>What bytes of the target outside the filesystem belong to.</summary>
    public IEnumerable<DiskArea> NameAreas(ByteRangeSet ranges) => _tree.NameAreas(_owned, ranges);

    public void Dispose()
    {
        _owned.Dispose();
        _ownedLog?.Dispose();
    }

    private long? Offset()
    {
        if (IsWhole) return 0;
        using IEnumerator<DeviceRange> pieces = Node.ToDevices(new(0, Node.Source!.Length)).GetEnumerator();
        if (!pieces.MoveNext()) return null;
        long offset = pieces.Current.Range.Offset;
        return pieces.MoveNext() ? null : offset;
    }

    private void ReadLabel()
    {
        byte[] sector = new byte[Volume.Geometry.SectorSize];
        if (!Volume.Data.Read(0, sector).IsNone) return;
        if (!Superblock.TryOpen(sector, out Superblock superblock).IsNone) return;
        Label = Encoding.UTF8.GetString(superblock.Label.TrimEnd((byte)0));
    }
}
