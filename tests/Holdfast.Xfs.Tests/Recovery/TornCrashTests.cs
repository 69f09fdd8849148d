// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Devices.Sources;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: a log that ends earlier, in the middle of other work, is recovered as the kernel recovers it: each kind of
/// intent is open behind some of its records.
/// Method: the log of a crashed image is cut behind records that chance chooses, as if the rest had never been written;
/// where a mount succeeds, every row, extent and path is held against it. More cuts by HOLDFAST_TORN_CRASHES. Only
/// images without parent pointers: a mount of 6.18 does not survive every intent to remove one.
/// </summary>
public sealed class TornCrashTests(ITestOutputHelper output)
{
    private const uint HeaderMagic = 0xFEEDBABE;

    [RootTheory]
    [InlineData("noparent", 1)]
    public void A_log_cut_behind_any_record_is_recovered_as_the_kernel_recovers_it(string name, int seed)
    {
        OracleImage image = OracleImage.Crashed(name);
        LogState whole = LogImage.FindState(image.Images);
        long[] records = [.. RecordsOf(image.Images, whole)];
        var random = new Random(seed);
        var open = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var differences = new List<string>();
        int compared = 0;
        for (int cut = 0; cut < Cuts(); cut++)
        {
            using var scratch = new Scratch("torn");
            ImageSet torn = LogImage.Copy(image.Images, scratch);
            int left = random.Next(1, records.Length);
            Cut(torn, whole, records[left]);
            if (Difference(torn, scratch, open, out bool isMounted) is { } difference)
            {
                differences.Add($"{left} of {records.Length} records: {difference}");
            }

            if (isMounted) compared++;
        }

        output.WriteLine($"{compared} mounts; open intents: {string.Join(", ", open)}");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > 0);
        Assert.All(
            (string[])[nameof(ExtentFreeIntent), nameof(ReverseMapIntent), nameof(RefcountIntent),
                nameof(BlockMapIntent)],
            kind => Assert.True(open.ContainsKey(kind), $"behind no record is there an open {kind}"));
    }

    private static int Cuts() =>
        int.Parse(Environment.GetEnvironmentVariable("HOLDFAST_TORN_CRASHES") ?? "6", CultureInfo.InvariantCulture);

    private static string? Difference(
        ImageSet torn, Scratch scratch, SortedDictionary<string, int> open, out bool isMounted)
    {
        using var ours = new RecoveredImage(torn);
        foreach (LoggedIntent intent in ours.Log.OpenIntents)
        {
            string kind = intent.GetType().Name;
            open[kind] = open.GetValueOrDefault(kind) + 1;
        }

        KernelAnswers? kernel = Ask(LogImage.Copy(torn, scratch), scratch);
        isMounted = kernel is not null;
        if (kernel is null) return null;
        RecoveryComparison comparison = RecoveryComparison.Of(kernel, ours);
        return comparison.IsEqual ? null : comparison.ToString();
    }

    /// <summary>
    /// Null where what was written back since contradicts the shorter log: the kernel gives up, then or a moment later,
    /// and so may we.
    /// </summary>
    private static KernelAnswers? Ask(ImageSet images, Scratch scratch)
    {
        try
        {
            using LoopMount mount = LoopMount.ReadOnly(images, scratch, recoverLog: true);
            return KernelAnswers.Ask(mount.Point, mount.RoleOf);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>The blocks that records begin at, from the tail on.</summary>
    private static IEnumerable<long> RecordsOf(ImageSet images, LogState state)
    {
        LogPlace place = LogImage.PlaceOf(images);
        using DeviceBlockSource source = DeviceBlockSource.Open(images.Log ?? images.Data);
        byte[] block = new byte[LogPlace.BlockSize];
        for (long at = state.Tail.Block; at != state.Head.Block; at = (at + 1) % place.Blocks)
        {
            Assert.True(source.Read(place.BytesOf(at, 1).Offset, block).IsNone);
            if (BinaryPrimitives.ReadUInt32BigEndian(block) == HeaderMagic) yield return at;
        }
    }

    /// <summary>From a record on the log is what it was in the round before: blocks of nothing.</summary>
    private static void Cut(ImageSet images, LogState whole, long from)
    {
        LogPlace place = LogImage.PlaceOf(images);
        string path = images.Log ?? images.Data;
        using DeviceBlockSource source = DeviceBlockSource.Open(path);
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        byte[] block = new byte[LogPlace.BlockSize];
        for (long at = from; at != whole.Head.Block; at = (at + 1) % place.Blocks)
        {
            long offset = place.BytesOf(at, 1).Offset;
            Assert.True(source.Read(offset, block).IsNone);
            uint cycle = LogRecordHeader.CycleOf(block) - 1;
            block.AsSpan().Clear();
            BinaryPrimitives.WriteUInt32BigEndian(block, cycle);
            file.Position = offset;
            file.Write(block);
        }
    }
}
