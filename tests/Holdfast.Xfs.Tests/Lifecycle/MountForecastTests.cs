// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Lifecycle;

/// <summary>
/// Goal: "will it mount?" is answered as a mount answers it, for writing and with <c>-o ro</c>.
/// Method: one structure of a copy is overwritten with zeros; we say what a mount will do, and then it is done.
/// </summary>
public sealed class MountForecastTests
{
    [RootTheory]
    [InlineData("nothing", true, true)]
    [InlineData("superblock", false, false)]
    [InlineData("agf 0", false, true)]
    [InlineData("agf 1", false, true)]
    [InlineData("agi 1", false, true)]
    [InlineData("agfl 1", true, true)]
    [InlineData("root inode", false, false)]
    [InlineData("bnobt 1", true, true)]
    [InlineData("finobt 0", true, true)]
    [InlineData("refcountbt 0", true, true)]
    public void A_clean_filesystem(string structure, bool writable, bool readOnly) =>
        Same(OracleImage.Get("default"), structure, writable, readOnly);

    /// <summary>Where no header counts the blocks of the finobt, a mount for writing reads them all.</summary>
    [RootTheory]
    [InlineData("finobt 0", false, true)]
    [InlineData("bnobt 0", true, true)]
    public void A_filesystem_without_counts_of_inode_btrees(string structure, bool writable, bool readOnly) =>
        Same(OracleImage.Get("no-counts"), structure, writable, readOnly);

    [RootTheory]
    [InlineData("nothing", true)]
    [InlineData("middle of the active log", false)]
    [InlineData("inactive log", true)]
    [InlineData("root inode", false)]
    public void A_crashed_filesystem(string structure, bool mounts) =>
        Same(OracleImage.Crashed("default"), structure, mounts, mounts);

    /// <summary>What is not even verified has to be readable: no mount without the last sector.</summary>
    [RootFact]
    public void A_mount_reads_the_last_sector()
    {
        OracleImage image = OracleImage.Get("default");
        using DeviceBlockSource device = DeviceBlockSource.Open(image.Images.Data);
        long last = Open(device).Ready.Geometry.DataLength - 512;
        MountForecast forecast = Forecast(device, new(last, 512));
        Assert.False(forecast.WillMountReadOnly);
        Assert.Equal("last sector", Assert.Single(forecast.Obstacles).Why.Structure);
        Assert.True(Forecast(device, new(last - 512, 512)).WillMount);
    }

    private static void Same(OracleImage image, string structure, bool writable, bool readOnly)
    {
        using var scratch = new Scratch("forecast");
        ByteRange range;
        using (DeviceBlockSource device = DeviceBlockSource.Open(image.Images.Data))
        {
            range = RangeOf(Open(device), structure);
            if (!range.IsEmpty && structure != "superblock")
            {
                MountForecast unread = Forecast(device, range);
                Assert.Equal((writable, readOnly), (unread.WillMount, unread.WillMountReadOnly));
            }
        }

        ImageSet forWriting = Damaged(image, range, scratch, "rw");
        using (DeviceBlockSource device = DeviceBlockSource.Open(forWriting.Data))
        {
            MountForecast forecast = Forecast(device, default);
            Assert.Equal((writable, readOnly), (forecast.WillMount, forecast.WillMountReadOnly));
        }

        Assert.Equal(readOnly, Mounts(() => LoopMount.ReadOnly(
            Damaged(image, range, scratch, "ro"), scratch, recoverLog: true)));
        Assert.Equal(writable, Mounts(() => LoopMount.Writable(forWriting, scratch)));
    }

    private static RecoveredVolume Open(IBlockSource device)
    {
        SuperblockRead superblock = new ClaimedDevices(device).ReadSuperblock(out BlockFault fault)
            ?? throw new InvalidOperationException(fault.ToString());
        StructuresReady ready = superblock.PrepareStructures();
        return ready.Recover(RecoveryDepth.Mounted, out var why) ?? ready.WithoutRecovery(why);
    }

    private static MountForecast Forecast(DeviceBlockSource device, ByteRange range)
    {
        ByteRangeSet bad = ByteRangeSet.From([range]);
        return MountCheck.Run(Open(new DistrustingBlockSource(device, bad)), bad);
    }

    private static ByteRange RangeOf(RecoveredVolume recovered, string structure)
    {
        Geometry geometry = recovered.Ready.Geometry;
        LogPlace place = recovered.Ready.LogPlace;
        string[] words = structure.Split(' ');
        if (structure == "root inode") return new(geometry.ByteOf(geometry.RootInode), geometry.InodeSize);
        if (structure == "middle of the active log")
        {
            ByteRange active = recovered.Log.ActiveBytes(place)[0];
            return new(active.Offset + active.Length / 2 / 4096 * 4096, 4096);
        }

        // Behind the head, and nowhere that a search for it looks by halves.
        if (structure == "inactive log") return place.BytesOf((recovered.Log.Head.Block + 1111) % place.Blocks, 8);
        if (words.Length == 1) return structure == "superblock" ? new(0, geometry.SectorSize) : default;
        uint ag = uint.Parse(words[1]);
        AllocationGroup group = recovered.Volume.Group(ag);
        return words[0] switch
        {
            "agf" => Sector(geometry, ag, AgHeaderReader.FreeSector),
            "agi" => Sector(geometry, ag, AgHeaderReader.InodeSector),
            "agfl" => Sector(geometry, ag, AgHeaderReader.FreeListSector),
            "bnobt" => Block(geometry, ag, group.Free!.Value.Bnobt),
            "refcountbt" => Block(geometry, ag, group.Free!.Value.Refcountbt),
            "finobt" => Block(geometry, ag, group.Inodes!.Finobt),
            _ => throw new ArgumentException(structure),
        };
    }

    private static ByteRange Sector(Geometry geometry, uint ag, int sector) =>
        new(AgHeaderReader.ByteOfSector(geometry, ag, sector), geometry.SectorSize);

    private static ByteRange Block(Geometry geometry, uint ag, BtreeRoot root) =>
        new(geometry.ByteOf(ag, root.Block), geometry.BlockSize);

    private static ImageSet Damaged(OracleImage image, ByteRange range, Scratch scratch, string name)
    {
        string copy = scratch.PathOf(name + ".img");
        File.Move(LogImage.Copy(image.Images, scratch).Data, copy);
        using FileStream file = File.OpenWrite(copy);
        file.Position = range.Offset;
        file.Write(new byte[range.Length]);
        return new(copy);
    }

    private static bool Mounts(Func<LoopMount> mount)
    {
        try
        {
            mount().Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
