// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>
/// Goal: whatever happens to one metadata block, the answer is right or says that it is incomplete and names the block.
/// Method: each metadata block of a small filesystem in turn is zeroed, has one bit flipped, is replaced by a valid
/// block of another place, cannot be read, or is overwritten and named as bad; one fixed question is asked each time
/// and compared with the answer of the sound image.
/// </summary>
public sealed class EveryMetadataBlockTests
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    public enum Harm
    {
        Zeroed,
        BitFlipped,
        Replaced,
        Unreadable,
        OverwrittenAndNamed,
    }

    [RootTheory]
    [InlineData("default", 1, true)]
    [InlineData("default", 5, false)]
    [InlineData("no-rmapbt", 1, true)]
    [InlineData("parent", 1, true)]
    public void One_damaged_metadata_block_never_makes_a_wrong_answer(string geometry, int step, bool useRmapbt)
    {
        using var scratch = new Scratch("damage");
        using DeviceBlockSource source = DeviceBlockSource.Open(SmallFilesystem.Make(geometry, scratch).Data);
        XfsVolume volume = XfsVolume.Open(source, out BlockFault _)!;
        List<long> blocks = MetadataBlockList.Of(volume);
        ByteRangeSet asked = MetadataBlockList.RangesToAsk(volume);
        LocateAnswer sound = Question.Ask(source, asked, useRmapbt)!;
        Assert.True(sound.IsComplete, string.Join('\n', sound.Faults.Take(5)));
        List<string> right = Question.Lines(sound, asked);
        Assert.NotEmpty(right);

        var wrong = new ConcurrentQueue<string>();
        Parallel.For(0, (blocks.Count + step - 1) / step, index =>
        {
            int i = index * step;
            byte[] other = ReadBlock(source, volume.Geometry, blocks[(i + 1) % blocks.Count]);
            foreach (Harm harm in Enum.GetValues<Harm>())
            {
                string? complaint = Complaint(source, volume.Geometry, blocks[i], other, harm, asked, right, useRmapbt);
                if (complaint is not null) wrong.Enqueue($"{harm} at {blocks[i]}: {complaint}");
            }
        });
        Assert.True(wrong.IsEmpty, $"{wrong.Count} wrong\n" + string.Join('\n', wrong.Take(10)));
    }

    private static string? Complaint(
        DeviceBlockSource source, Geometry geometry, long block, byte[] other, Harm harm, ByteRangeSet asked,
            List<string> right,
        bool useRmapbt)
    {
        byte[] bytes = ReadBlock(source, geometry, block);
        switch (harm)
        {
            case Harm.Zeroed:
                bytes = new byte[bytes.Length];
                break;
            case Harm.BitFlipped:
                var random = new Random((int)(block / geometry.BlockSize));
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case Harm.Replaced or Harm.OverwrittenAndNamed:
                bytes = other;
                break;
        }

        using var damaged = new DamagedBlockSource(source, block, bytes, harm == Harm.Unreadable);
        var place = new ByteRange(block, geometry.BlockSize);
        ByteRangeSet bad = harm == Harm.OverwrittenAndNamed ? asked.Union(ByteRangeSet.From([place])) : asked;
        var clock = Stopwatch.StartNew();
        LocateAnswer? answer = Question.Ask(damaged, bad, useRmapbt);
        if (clock.Elapsed > LongestAnswer) return $"took {clock.Elapsed}";
        if (answer is null) return "the filesystem could not be opened";
        if (harm == Harm.OverwrittenAndNamed && !answer.Impacts.Any(i => place.Overlaps(new(i.Physical, i.Length))))
        {
            return "the bad block has no impact";
        }

        List<string> lines = Question.Lines(answer, asked);
        if (lines.SequenceEqual(right)) return null;
        string difference = Short(right.Except(lines)) + " became " + Short(lines.Except(right));
        if (answer.IsComplete) return $"wrong and complete: {difference}";
        return answer.Faults.Any(f => place.Overlaps(new(f.Offset, f.Length)))
            || answer.Impacts.Any(i => harm == Harm.OverwrittenAndNamed && place.Overlaps(new(i.Physical, i.Length)))
            ? null
            : $"incomplete but not named: {difference}";
    }

    private static string Short(IEnumerable<string> lines)
    {
        string first = lines.FirstOrDefault("nothing");
        return first.Length <= 300 ? first : first[..300];
    }

    private static byte[] ReadBlock(DeviceBlockSource source, Geometry geometry, long offset)
    {
        byte[] bytes = new byte[geometry.BlockSize];
        Assert.True(source.Read(offset, bytes).IsNone);
        return bytes;
    }
}
