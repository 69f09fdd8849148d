// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>The reader under test, opened on an image, its answers in the oracle's words.</summary>
internal sealed class Reader : IDisposable
{
    private readonly IDisposable _source;

    public Reader(OracleImage image) : this(image.Images.Data)
    {
    }

    public Reader(string path)
    {
        DeviceBlockSource source = DeviceBlockSource.Open(path);
        _source = source;
        XfsVolume? volume = XfsVolume.Open(source, out BlockFault fault);
        Volume = volume ?? throw new InvalidOperationException($"{path}: {fault}");
    }

    /// <param name="volume">Already open.</param>
    /// <param name="source">What it reads from; disposed with this.</param>
    public Reader(XfsVolume volume, IDisposable source)
    {
        Volume = volume;
        _source = source;
    }

    public XfsVolume Volume { get; }

    /// <summary>Every row of the map, which must be complete and rest on no fault.</summary>
    public IReadOnlyList<FsmapRow> Map(bool useRmapbt)
    {
        var rows = new List<FsmapRow>();
        bool complete = new ReverseMap.ReverseMap(Volume, useRmapbt).ForEachRow(row => rows.Add(Row(in row)));
        Assert.True(complete && !Volume.Faults.HasOpenFaults, Faults());
        return rows;
    }

    /// <summary>The whole relation by a pass over the directories.</summary>
    public InodePaths PathsByDirectories()
    {
        PathAnswer answer = new PathFinder(Volume).FindAll();
        Assert.True(answer.IsComplete, Faults());
        return InodePaths.From(answer.Inodes.SelectMany(inode => answer.Of(inode).Select(path => (inode, path))));
    }

    /// <summary>The paths of inodes asked for by number and links: by parent pointers where there are any.</summary>
    public InodePaths PathsOf(IReadOnlyCollection<WantedInode> wanted)
    {
        PathAnswer answer = new PathFinder(Volume).Find(wanted);
        Assert.True(answer.IsComplete, Faults());
        return InodePaths.From(wanted.SelectMany(at => answer.Of(at.Inode).Select(path => (at.Inode, path))));
    }

    public void Dispose() => _source.Dispose();

    private string Faults() => string.Join('\n', Volume.Faults.ToList().Take(20));

    private static FsmapRow Row(in MapRow row) => new(
        row.Device, row.Physical, row.Length, row.Owner, row.Inode, row.Fork, row.Offset, row.Unwritten, row.Shared,
        row.BlockMap);
}
