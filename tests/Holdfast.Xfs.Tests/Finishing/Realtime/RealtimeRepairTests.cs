// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Tests.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing.Realtime;

/// <summary>
/// Goal: what a realtime device keeps on the data device (bitmap and summary, reverse maps, reference counts, blocks in
/// use) agrees with the files after recovery.
/// Method: xfs_repair counts anew in crashed images after we have recovered them. It reads nothing of the realtime
/// device but its superblock, so that an empty one does.
/// </summary>
public sealed class RealtimeRepairTests
{
    /// <summary>The realtime superblock is missed, and an attribute was being set when the filesystem
    /// stopped.</summary>
    private static readonly string[] Expected =
        ["Metadata CRC error", "would rewrite realtime superblock", "attribute entry"];

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData("rtclassic")]
    [InlineData("rtgroups")]
    [InlineData("zoned")]
    public void Repair_finds_nothing_after_recovery(string name)
    {
        OracleImage image = OracleImage.Crashed(name);
        using var scratch = new Scratch(name);
        using var ours = new RecoveredImage(image.Images);
        Assert.True(ours.Finished.InodesFreed > 0);
        string copy = scratch.PathOf("data.img");
        ProgramRun.Require("cp", "--sparse=always", image.Images.Data, copy);
        ours.WriteTo(copy);
        Geometry geometry = ours.Volume.Geometry;
        string realtime = scratch.SparseFile("realtime.img", (long)geometry.RealtimeBlocks << geometry.BlockLog);
        ProgramRun check = ProgramRun.Start(
            XfsPrograms.Newer.Program("xfs_repair"), null, "-n", "-f", "-r", realtime, copy);
        Assert.Contains("phase 5", check.Text + check.Errors, StringComparison.Ordinal);
        string[] wrong = [.. RepairComplaints.Of(check).Where(
            line => !Expected.Any(start => line.StartsWith(start, StringComparison.Ordinal)))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong.Take(20)));
    }
}
