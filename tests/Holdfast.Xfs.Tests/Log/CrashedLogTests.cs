// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Devices.Sources;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>Filesystems that the kernel itself wrote and that crashed at work, against its own mount of them.</summary>
public sealed class CrashedLogTests
{
    private const int TornBlocksMax = 128;

    /// <summary>Blocks that can be in flight: holes before a head below that lie at the log's end too.</summary>
    private const int JustRound = 4096;

    public static TheoryData<string> Shapes => [.. LogShape.All.Select(shape => shape.Name)];

    // Goal: the ends of a crashed log are the kernel's, whole and torn at any 512-byte boundary of its last 64 KiB: as
    // a log that never filled tears (into zeros) and as one that did (into the round before).
    // Method: one crash a shape; a sample of tears, each on a copy. More of them by HOLDFAST_TORN_LOGS.
    [RootTheory]
    [MemberData(nameof(Shapes))]
    public void A_crashed_log_ends_where_the_kernel_says_whole_and_torn(string name)
    {
        using var scratch = new Scratch("log-" + name);
        LogShape shape = LogShape.All.Single(s => s.Name == name);
        ImageSet images = CrashedLog.Make(shape, scratch, seed: 1, TimeSpan.FromSeconds(1));
        LogState whole = LogImage.FindState(images);
        Assert.Equal(LogStateKind.Dirty, whole.Kind);
        AssertTearsAsTheKernel(images, whole, scratch, new Random(name.Length));
    }

    // Goal: the same of a log with sectors of 4 KiB that has just gone round, torn within a sector: the search for
    // holes begins at the end of the log then, inside a sector too.
    [RootTheory]
    [InlineData("sector-4k")]
    [InlineData("sector-4k-64k-buffers")]
    public void A_log_of_large_sectors_that_has_just_gone_round_ends_where_the_kernel_says(string name)
    {
        const int roundsMax = 60;
        using var scratch = new Scratch("round-log-" + name);
        LogShape shape = LogShape.All.Single(s => s.Name == name);
        var work = TimeSpan.FromSeconds(0.1);
        ImageSet images = CrashedLog.Make(shape, scratch, seed: 3, work);
        LogState whole = LogImage.FindState(images);
        for (int round = 4; whole.Head.Cycle < 2 || whole.Head.Block > JustRound; round++)
        {
            Assert.True(round < roundsMax, $"the log has not gone round: {whole.Head}");
            CrashedLog.Run(images, shape.Options, shape.Flush, scratch, round, work, crash: true);
            whole = LogImage.FindState(images);
        }

        Assert.Equal(LogStateKind.Dirty, whole.Kind);
        AssertTearsAsTheKernel(images, whole, scratch, new Random(name.Length));
    }

    [RootTheory]
    [MemberData(nameof(Shapes))]
    public void A_log_that_was_unmounted_is_clean(string name)
    {
        using var scratch = new Scratch("clean-log-" + name);
        LogShape shape = LogShape.All.Single(s => s.Name == name);
        TimeSpan work = TimeSpan.FromSeconds(0.3);
        ImageSet images = CrashedLog.Make(shape, scratch, seed: 2, work, crash: false);
        LogState state = LogImage.FindState(images);
        Assert.Empty(state.Faults);
        Assert.Equal((LogStateKind.Clean, true), (state.Kind, state.HasUnmountRecord));
        using var trace = new LogMountTrace(scratch);
        Assert.Null(LogImage.Difference(LogImage.Mount(trace, images), state));
    }

    // Goal: the log buffers of a second mount may have another size than those of the first, and the records of both
    // lie between tail and head.
    [RootTheory]
    [InlineData("logbsize=256k", "logbsize=32k")]
    [InlineData("logbsize=32k", "logbsize=256k")]
    public void Records_of_two_buffer_sizes_are_read_as_the_kernel_reads_them(string first, string second)
    {
        using var scratch = new Scratch("log-buffers");
        LogShape shape = new("two", "-l size=10m", first);
        ImageSet images = CrashedLog.Make(shape, scratch, seed: 3, TimeSpan.FromSeconds(0.3));
        CrashedLog.Run(images, second, flush: true, scratch, seed: 4, TimeSpan.FromSeconds(0.05), crash: true);
        LogState state = LogImage.FindState(images);
        using var trace = new LogMountTrace(scratch);
        Assert.Null(LogImage.Difference(LogImage.Mount(trace, images), state));
    }

    private static void AssertTearsAsTheKernel(ImageSet images, LogState whole, Scratch scratch, Random random)
    {
        using var trace = new LogMountTrace(scratch);
        var differences = new List<string>();
        for (int tear = 0; tear < Tears(); tear++)
        {
            ImageSet copy = LogImage.Copy(images, scratch);
            int blocks = tear == 0 ? 0 : random.Next(1, TornBlocksMax + 1);
            bool toZeros = random.Next(2) == 0;
            Tear(copy, whole, blocks, toZeros);
            LogState state = LogImage.FindState(copy);
            if (LogImage.Difference(LogImage.Mount(trace, copy), state) is not { } difference) continue;
            differences.Add($"the last {blocks} blocks torn{(toZeros ? " to zeros" : "")}: {difference}");
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static int Tears() =>
        int.Parse(Environment.GetEnvironmentVariable("HOLDFAST_TORN_LOGS") ?? "15", CultureInfo.InvariantCulture);

    private static void Tear(ImageSet images, LogState whole, int blocks, bool toZeros)
    {
        LogPlace place = LogImage.PlaceOf(images);
        string path = images.Log ?? images.Data;
        using DeviceBlockSource source = DeviceBlockSource.Open(path);
        using FileStream file = File.OpenWrite(path);
        byte[] block = new byte[LogPlace.BlockSize];
        for (int back = 1; back <= blocks; back++)
        {
            long at = place.BytesOf((whole.Head.Block - back + place.Blocks) % place.Blocks, 1).Offset;
            Assert.True(source.Read(at, block).IsNone);
            uint cycle = toZeros ? 0 : LogRecordHeader.CycleOf(block) - 1;
            block.AsSpan().Clear();
            BinaryPrimitives.WriteUInt32BigEndian(block, cycle);
            file.Position = at;
            file.Write(block);
        }
    }
}
