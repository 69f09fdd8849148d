// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: nothing that a log can hold makes recovery throw, run on or take memory without bound: it recovers, or names
/// a fault. Method: seeded mutations under right checksums, recovered to the mounted view and asked a question. The
/// corpus is the crashed images in the tree; HOLDFAST_LOG_MUTATIONS makes it more than 20,000, HOLDFAST_SEED others.
/// </summary>
public sealed class LogFuzzTests(ITestOutputHelper output)
{
    private const int Mutations = 20_000;
    private const long BytesMax = 1L << 30;

    /// <summary>Records that are left of a long log: most of it is more of the same.</summary>
    private const int RecordsKept = 12;

    /// <summary>
    /// Of the large images one in so many goes on to the mounted view, which frees thousands of blocks; of the sample
    /// every one.
    /// </summary>
    private const int FinishedOneIn = 16;

    /// <summary>A liveness guard, hundreds of times what the slowest takes; not a measure of speed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Corpus = ["sample", "default", "bs1k", "noparent", "old", "metadir"];

    public static TheoryData<string> Names => [.. Corpus];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_logs_end_in_an_answer_or_a_named_fault(string name)
    {
        using LogInMemory log = Open(name);
        if (name != "sample") log.Shorten(RecordsKept);
        List<int> records = log.Records();
        var mutation = new LogMutation(log, records);
        int seed = Number("HOLDFAST_SEED", 1);
        // Half of them on the sample, which is the quickest.
        int all = Number("HOLDFAST_LOG_MUTATIONS", Mutations);
        int count = name == "sample" ? all / 2 : all / 2 / (Corpus.Length - 1) + 1;
        var verdicts = new SortedDictionary<string, int>();
        long greediest = 0;
        for (int run = 0; run < count; run++)
        {
            log.Restore();
            mutation.Run(new Random(unchecked(seed * 1_000_003 + run)));
            long before = GC.GetAllocatedBytesForCurrentThread();
            string verdict;
            try
            {
                verdict = Recover(log, name == "sample" || run % FinishedOneIn == 0);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"{name}, seed {seed}, run {run}: {e.Message}", e);
            }

            greediest = Math.Max(greediest, GC.GetAllocatedBytesForCurrentThread() - before);
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        }

        string summary = string.Join(", ", verdicts.Select(v => $"{v.Value} {v.Key}"));
        output.WriteLine($"{name}: {count} mutations: {summary}; greediest {greediest >> 20} MiB");
        Assert.True(greediest < BytesMax, $"{greediest} bytes for one log");
        // If nothing were believed, nothing would be tested.
        int refused = verdicts.GetValueOrDefault("refused");
        Assert.True(refused > 0 && refused < count * 3 / 4, summary);
        Assert.True(verdicts.GetValueOrDefault("recovered") > count / 20, summary);
    }

    // Goal: torn at any 512-byte boundary of its last 64 KiB, as a log that never filled and as one that did, a log is
    // recovered: what was torn was never promised.
    [Theory]
    [InlineData("sample")]
    [InlineData("default")]
    public void Torn_logs_are_recovered(string name)
    {
        using LogInMemory log = Open(name);
        int head = (int)log.State.Head.Block;
        int blocks = (int)log.Place.Blocks;
        for (int cut = 1; cut <= 128; cut++)
        {
            foreach (bool toZeros in (bool[])[true, false])
            {
                log.Restore();
                for (int back = 1; back <= cut; back++)
                {
                    int at = (head - back + blocks) % blocks;
                    Span<byte> block = log.Bytes.AsSpan(at * LogPlace.BlockSize, LogPlace.BlockSize);
                    uint cycle = toZeros ? 0 : LogRecordHeader.CycleOf(block) - 1;
                    block.Clear();
                    BinaryPrimitives.WriteUInt32BigEndian(block, cycle);
                }

                string verdict = Recover(log, finish: true);
                // Zeros in the middle of a log that has wrapped are no torn write: a mount refuses them too.
                Assert.True(verdict == "recovered" || (toZeros && log.State.Head.Cycle > 1), $"{cut}: {verdict}");
            }
        }
    }

    /// <summary>"recovered", "incomplete" or "refused". What is not whole must say why.</summary>
    /// <param name="finish">To the mounted view, with a question asked of it; else replayed alone.</param>
    private static string Recover(LogInMemory log, bool finish)
    {
        using var patience = new CancellationTokenSource(Patience);
        SuperblockRead? superblock = new ClaimedDevices(log).ReadSuperblock(out BlockFault fault);
        Assert.NotNull(superblock);
        StructuresReady ready = superblock.PrepareStructures();
        RecoveredVolume? recovered = ready.Recover(
            finish ? RecoveryDepth.Mounted : RecoveryDepth.Replayed, out Fault? why, patience.Token);
        if (recovered is null)
        {
            Assert.NotNull(why);
            Assert.NotEmpty(why.Field);
            return "refused";
        }

        if (!finish) return recovered.IsComplete ? "recovered" : "incomplete";
        var bad = ByteRangeSet.From([new ByteRange(recovered.Volume.Geometry.DataLength / 3, 1 << 16)]);
        LocateAnswer answer = new Locator(recovered.Volume).Locate(bad, null, patience.Token);
        bool isWhole = answer.IsComplete && recovered.IsComplete;
        int named = answer.Faults.Count + recovered.Obstacles.Count + recovered.Leaks.Count + ready.Log.Faults.Count;
        Assert.True(isWhole || named > 0);
        return isWhole ? "recovered" : "incomplete";
    }

    private static LogInMemory Open(string name)
    {
        if (name != "sample") return new(DeviceBlockSource.Open(OracleImage.Crashed(name).Images.Data));
        using FileStream bundled = File.OpenRead(Checkout.PathOf("samples", "crashed.img.gz"));
        using var packed = new GZipStream(bundled, CompressionMode.Decompress);
        using var image = new MemoryStream();
        packed.CopyTo(image);
        return new(new MemoryBlockSource("sample", image.ToArray()));
    }

    private static int Number(string variable, int usual) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{usual}", CultureInfo.InvariantCulture);
}
