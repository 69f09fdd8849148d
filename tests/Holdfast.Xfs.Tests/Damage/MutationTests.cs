// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>
/// Goal: no bytes on disk make the reader crash, run for long or take much memory, even where every checksum is right.
/// Method: seeded mutations of metadata blocks, one to four fields set to likely or edge values, checksums repaired;
/// each is asked a question by the rmapbt and by the built map.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Mutations = 10_000;
    private const long MemoryMax = 500L << 20;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);
    private static readonly ulong[] Edges = [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, uint.MaxValue,
        long.MaxValue, ulong.MaxValue];

    [RootFact]
    public void Ten_thousand_mutations_with_right_checksums_end_in_an_answer()
    {
        using var scratch = new Scratch("mutations");
        using DeviceBlockSource source = DeviceBlockSource.Open(SmallFilesystem.Make("default", scratch).Data);
        XfsVolume volume = XfsVolume.Open(source, out BlockFault _)!;
        Geometry geometry = volume.Geometry;
        List<long> blocks = MetadataBlockList.Of(volume);
        ByteRangeSet asked = MetadataBlockList.RangesToAsk(volume);
        LocateAnswer sound = Question.Ask(source, asked, useRmapbt: true)!;
        Assert.True(sound.IsComplete, string.Join('\n', sound.Faults.Take(5)));
        List<string> right = Question.Lines(sound, asked);
        long most = blocks.Count * 200L * geometry.BlockSize;

        // What awaits collection, and what other tests of the process hold, is not this test's.
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var wrong = new ConcurrentQueue<string>();
        int undetected = 0;
        int incomplete = 0;
        Parallel.For(0, Mutations, seed =>
        {
            var random = new Random(seed);
            long block = blocks[random.Next(blocks.Count)];
            byte[] bytes = new byte[geometry.BlockSize];
            Assert.True(source.Read(block, bytes).IsNone);
            Mutate(bytes, random);
            ChecksumRepair.Repair(bytes, geometry.SectorSize, geometry.InodeSize);
            using var damaged = new DamagedBlockSource(source, block, bytes, unreadable: false);
            var clock = Stopwatch.StartNew();
            try
            {
                LocateAnswer? answer = Question.Ask(damaged, asked, useRmapbt: seed % 4 != 0);
                if (answer is { IsComplete: false }) Interlocked.Increment(ref incomplete);
                else if (answer is not null && !Question.Lines(answer, asked).SequenceEqual(right))
                {
                    Interlocked.Increment(ref undetected);
                }
            }
            catch (Exception e)
            {
                wrong.Enqueue($"seed {seed}, block at {block}: {e}");
            }

            if (clock.Elapsed > LongestAnswer) wrong.Enqueue($"seed {seed}, block at {block}: took {clock.Elapsed}");
            if (damaged.BytesRead > most)
            {
                wrong.Enqueue($"seed {seed}, block at {block}: read {damaged.BytesRead} bytes");
            }
        });
        long memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{Mutations} mutations: {incomplete} incomplete, {undetected} changed the answer unnoticed");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} wrong\n" + string.Join('\n', wrong.Take(10)));
        Assert.True(memory < MemoryMax, $"{memory >> 20} MiB on the heap");
    }

    private static void Mutate(byte[] bytes, Random random)
    {
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int width = 1 << random.Next(4);
            // Half of the mutations hit where headers, keys and first records lie.
            int limit = random.Next(2) == 0 ? Math.Min(256, bytes.Length) : bytes.Length;
            int at = random.Next(limit / width) * width;
            ulong value = random.Next(3) switch
            {
                0 => Edges[random.Next(Edges.Length)],
                1 => (ulong)random.NextInt64(),
                _ => bytes[at] + (ulong)random.Next(-2, 3),
            };
            for (int i = 0; i < width; i++) bytes[at + i] = (byte)(value >> ((width - 1 - i) * 8));
        }
    }
}
