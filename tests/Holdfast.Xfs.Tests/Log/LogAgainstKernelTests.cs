// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>The mounted kernel as oracle: it prints the ends of a log before it replays anything.</summary>
public sealed class LogAgainstKernelTests
{
    // Goal: whatever a log went through, its ends are the kernel's, and it is damaged where a mount gives up on it.
    // Method: crafted logs by seed, put into an image in turn; more of them by HOLDFAST_CRAFTED_LOGS.
    [RootTheory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Crafted_logs_end_where_the_kernel_says(int sectorSize)
    {
        using var scratch = new Scratch("crafted-logs");
        string image = MakeFilesystem(scratch, "size=10m", sectorSize);
        LogPlace place = LogImage.PlaceOf(new(image));
        using var trace = new LogMountTrace(scratch);
        using LoopDevice device = LoopDevice.Attach(image, readOnly: false);
        var seen = new Dictionary<LogStateKind, int>();
        var differences = new List<string>();
        for (int seed = 0; seed < Cases(); seed++)
        {
            LogWriter log = CraftedLog.Make(seed, place, out string what);
            Put(image, place.Offset, log.Bytes);
            LogState state = LogImage.FindState(new(image));
            // There a mount never ends, or follows whatever its stack holds.
            if (state.Faults.Any(fault => fault.Found.Contains("between tail and head"))) continue;
            string? difference = LogImage.Difference(trace.Mount(device), state);
            if (difference is not null) differences.Add($"{what}: {difference}");
            seen[state.Kind] = seen.GetValueOrDefault(state.Kind) + 1;
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.All((LogStateKind[])[LogStateKind.Clean, LogStateKind.Dirty, LogStateKind.Damaged],
            kind => Assert.True(seen.GetValueOrDefault(kind) > 0, $"no log was {kind}"));
    }

    // Goal: block 0 is a block like any other.
    // Method: records up to the very end of the log, the next one at block 0, and that one damaged; the same with the
    // tail there.
    [RootTheory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    [InlineData(9, false)]
    [InlineData(12, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void A_record_at_the_first_block_may_be_torn_as_any_other(int records, bool isTail)
    {
        using var scratch = new Scratch("first-block");
        string image = MakeFilesystem(scratch, "size=10m");
        LogPlace place = LogImage.PlaceOf(new(image));
        using var trace = new LogMountTrace(scratch);
        using LoopDevice device = LoopDevice.Attach(image, readOnly: false);
        var random = new Random(records);
        var log = new LogWriter((int)place.Blocks, cycle: 6, block: (int)place.Blocks - 400);
        log.AppendToEnd(random);
        Assert.Equal(0, log.Block);
        if (isTail) log.Tail = log.Head;
        for (int i = 0; i < records; i++) log.Append(8000, random);
        log.BlockAt(3)[100] ^= 1;
        Put(image, place.Offset, log.Bytes);
        LogState state = LogImage.FindState(new(image));
        Assert.Null(LogImage.Difference(trace.Mount(device), state));
    }

    // Goal: a record torn inside its first sector of 4 KiB ends the log where the kernel ends it: it overlooks a header
    // that stands alone at the end of the sectors that it reads.
    [RootFact]
    public void A_tear_inside_a_sector_is_seen_as_a_mount_sees_it()
    {
        using var scratch = new Scratch("torn-sector");
        string image = MakeFilesystem(scratch, "size=10m", sectorSize: 4096);
        LogPlace place = LogImage.PlaceOf(new(image));
        using var trace = new LogMountTrace(scratch);
        using LoopDevice device = LoopDevice.Attach(image, readOnly: false);
        for (int kept = 1; kept < 8; kept++)
        {
            var random = new Random(kept);
            var log = new LogWriter((int)place.Blocks, stripeUnit: 4096, cycle: 6, block: 8000);
            for (int i = 0; i < 20; i++) log.Append(8000, random);
            for (long block = log.Records[^1].Block + kept; block < log.Block; block++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(log.BlockAt(block), 5);
            }

            Put(image, place.Offset, log.Bytes);
            LogState state = LogImage.FindState(new(image));
            Assert.Equal(log.Records[^2], state.Head);
            Assert.Null(LogImage.Difference(trace.Mount(device), state));
        }
    }

    // Goal: an old mkfs wrote one record longer than the buffer size that it named; it is believed, alone and with
    // others behind it, as far as a mount believes it.
    [RootTheory]
    [InlineData(0, 1u)]
    [InlineData(1, 1u)]
    [InlineData(12, 1u)]
    [InlineData(0, 2u)]
    public void A_record_longer_than_its_buffer_is_believed_as_a_mount_believes_it(int others, uint operations)
    {
        using var scratch = new Scratch("old-mkfs");
        string image = MakeFilesystem(scratch, "size=24m,su=262144");
        LogPlace place = LogImage.PlaceOf(new(image));
        using var trace = new LogMountTrace(scratch);
        using LoopDevice device = LoopDevice.Attach(image, readOnly: false);
        var random = new Random(others);
        var log = new LogWriter((int)place.Blocks, cycle: 6, block: 2048) { HasChecksums = false };
        log.Append(262144 - LogPlace.BlockSize, random);
        BinaryPrimitives.WriteUInt32BigEndian(
            log.BlockAt(log.Records[0].Block)[LogRecordHeader.At.OperationCountAt..], operations);
        for (int i = 0; i < others; i++) log.Append(8000, random);
        Put(image, place.Offset, log.Bytes);
        LogState state = LogImage.FindState(new(image));
        Assert.Null(LogImage.Difference(trace.Mount(device), state));
    }

    private static string MakeFilesystem(Scratch scratch, string log, int sectorSize = 512)
    {
        string image = scratch.SparseFile("data.img", 320L << 20);
        string[] arguments = ["-m", $"uuid={LogWriter.Uuid}", "-s", $"size={sectorSize}", "-l", log];
        XfsPrograms.System.MakeFilesystem(image, ["--unsupported", .. arguments]);
        return image;
    }

    private static int Cases() =>
        int.Parse(Environment.GetEnvironmentVariable("HOLDFAST_CRAFTED_LOGS") ?? "60", CultureInfo.InvariantCulture);

    private static void Put(string image, long offset, byte[] bytes)
    {
        using FileStream file = File.OpenWrite(image);
        file.Position = offset;
        file.Write(bytes);
    }
}
