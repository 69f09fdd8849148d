// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

/// <summary>Our reading and writing of mapfiles beside that of GNU ddrescue itself.</summary>
public sealed class DdrescueTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-ddrescue-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [RealToolFact("ddrescuelog")]
    public void Ddrescuelog_lists_the_blocks_that_we_read()
    {
        foreach (string sample in new[]
            { "ddrescue-finished.map", "ddrescue-no-scrape.map", "ddrescue-part.map", "hand-edited.map" })
        {
            using FileStream stream = Sample.Open(sample);
            Mapfile map = Mapfile.Read(stream);
            foreach ((char character, MapfileStatuses status) in Statuses)
            {
                (int exit, string blocks) =
                    RealTool.Run("ddrescuelog", $"-l{character}", "-b512", Sample.PathOf(sample));
                Assert.Equal(0, exit);
                RangeList listed = BadblocksList.Read(Sample.Of(blocks), 512);
                Assert.Equal(ByteRangeSet.From(listed.Ranges.Select(r => r.Range)), map.Where(status));
            }
        }
    }

    // Method: mapfiles of random lines, some of them wrong or out of order; whatever we find no fault in, ddrescuelog
    // must take as a loose domain, and see the same bytes in.
    [RealToolFact("ddrescuelog")]
    public void Ddrescuelog_takes_whatever_we_find_no_fault_in()
    {
        var random = new Random(77);
        int sound = 0;
        string all = WriteDomain("all.map", ByteRangeSet.From([new(0, 1 << 24)]), 1 << 24);
        for (int round = 0; round < 150; round++)
        {
            string path = Write($"{round}.map", RandomMapfile(random));
            using FileStream stream = File.OpenRead(path);
            Mapfile map = Mapfile.Read(stream);
            if (map.Faults.Count > 0) continue;
            sound++;
            (int exit, string blocks) = RealTool.Run("ddrescuelog", "-L", "-m", path, "-l+", "-b512", all);
            Assert.True(exit == 0, File.ReadAllText(path));
            RangeList listed = BadblocksList.Read(Sample.Of(blocks), 512);
            Assert.Equal(
                ByteRangeSet.From(listed.Ranges.Select(r => r.Range)), map.Where(MapfileStatuses.Finished));
        }

        Assert.InRange(sound, 30, 140);
    }

    [RealToolFact("ddrescue")]
    public void Ddrescue_reads_exactly_the_domain_that_we_write()
    {
        const int Size = 1 << 20;
        byte[] disk = new byte[Size];
        new Random(5).NextBytes(disk);
        string source = Path.Combine(_folder, "disk.img");
        File.WriteAllBytes(source, disk);
        var domain = ByteRangeSet.From(
            [new(0, 4096), new(65536, 512), new(66048, 512), new(500_224, 100_352), new(Size - 4096, 1 << 20)]);
        string path = WriteDomain("domain.map", domain, Size);

        string copy = Path.Combine(_folder, "copy.img");
        string log = Path.Combine(_folder, "rescue.map");
        (int exit, _) = RealTool.Run("ddrescue", "-q", "--domain-mapfile=" + path, source, copy, log);
        Assert.Equal(0, exit);

        using FileStream stream = File.OpenRead(log);
        Mapfile rescued = Mapfile.Read(stream);
        ByteRangeSet within = ByteRangeSet.From(domain.Within(new ByteRange(0, Size)));
        Assert.Equal(within, rescued.Where(MapfileStatuses.Finished));
        byte[] copied = File.ReadAllBytes(copy);
        foreach (ByteRange range in within)
        {
            int start = (int)range.Offset;
            int length = (int)range.Length;
            Assert.True(disk.AsSpan(start, length).SequenceEqual(copied.AsSpan(start, length)), range.ToString());
        }
    }

    [RealToolFact("ddrescue")]
    public void A_rescue_in_rounds_ends_with_the_bad_sectors_that_the_disk_has()
    {
        const int Size = 1 << 20;
        string source = Path.Combine(_folder, "disk.img");
        File.WriteAllBytes(source, new byte[Size]);
        var bad = ByteRangeSet.From([new(8192, 1024), new(700_416, 512)]);
        string health = WriteDomain("health.map", ByteRangeSet.From(bad.Gaps(new ByteRange(0, Size))), Size);
        string copy = Path.Combine(_folder, "copy.img");
        string log = Path.Combine(_folder, "rescue.map");
        foreach (ByteRangeSet domain in new[]
            { ByteRangeSet.From([new(0, 16384)]), ByteRangeSet.From([new(0, Size)]) })
        {
            string path = WriteDomain("domain.map", domain, Size);
            (int exit, _) = RealTool.Run("ddrescue", "-q", "-m", path, "-H", health, source, copy, log);
            Assert.Equal(0, exit);
            using FileStream stream = File.OpenRead(log);
            Mapfile map = Mapfile.Read(stream);
            ByteRangeSet tried = bad.Except(ByteRangeSet.From(domain.Gaps(new(0, Size))));
            Assert.Equal(tried, map.Where(MapfileStatuses.BadSector));
        }
    }

    [Fact]
    public void A_domain_is_written_as_contiguous_blocks_and_read_back()
    {
        var random = new Random(9);
        for (int round = 0; round < 200; round++)
        {
            long size = random.NextInt64(1, 1L << 45);
            var domain = ByteRangeSet.From(Enumerable.Range(0, random.Next(40))
                .Select(_ => new ByteRange(random.NextInt64(size * 2), random.NextInt64(size / 8 + 1))));
            Mapfile map = Mapfile.Read(new MemoryStream(DomainBytes(domain, size)));
            Assert.Empty(map.Faults);
            Assert.Equal(domain.Within(new ByteRange(0, size)), map.Where(MapfileStatuses.Finished));
            Assert.Equal(size, map.End);
            long next = 0;
            foreach (MapfileBlock block in map.Blocks)
            {
                Assert.Equal(next, block.Range.Offset);
                next = block.Range.End;
            }
        }
    }

    [Fact]
    public void The_head_of_a_domain_names_its_maker_and_a_comment_cannot_break_out_of_its_line()
    {
        byte[] bytes = DomainBytes(ByteRangeSet.Empty, 512, "of /dev/sdb\n0x0 0x200 +");
        Assert.Equal(
            """
            # Mapfile. Created by holdfast
            # of /dev/sdb 0x0 0x200 +
            # current_pos  current_status  current_pass
            0x00000000     ?               1
            #      pos        size  status
            0x00000000  0x00000200  ?

            """,
            Encoding.UTF8.GetString(bytes));
    }

    private static readonly (char Character, MapfileStatuses Status)[] Statuses =
    [
        ('?', MapfileStatuses.NonTried), ('*', MapfileStatuses.NonTrimmed), ('/', MapfileStatuses.NonScraped),
        ('-', MapfileStatuses.BadSector), ('+', MapfileStatuses.Finished),
    ];

    private static string RandomMapfile(Random random)
    {
        var text = new StringBuilder(random.Next(4) == 0 ? "# comment\n" : "");
        text.Append(random.Next(12) == 0 ? "oops\n" : "0x0 ? 1\n");
        long next = 0;
        for (int i = random.Next(12); i > 0; i--)
        {
            if (random.Next(15) == 0) next += 512 * random.Next(-4, 9);
            long size = 512 * random.Next(1, 200);
            string status = random.Next(40) == 0 ? "!" : "?*/-+"[random.Next(5)].ToString();
            text.Append(Number(random, next)).Append(' ').Append(Number(random, size)).Append(' ').Append(status);
            text.Append(random.Next(10) == 0 ? "  # so\n" : "\n");
            next += size;
        }

        return text.ToString();
    }

    private static string Number(Random random, long number) => random.Next(4) switch
    {
        0 => $"{number}",
        1 when number >= 0 => "0" + Convert.ToString(number, 8),
        2 when number >= 0 => $"0x{number:x}",
        _ when number >= 0 => $"0x{number:X8}",
        _ => $"{number}",
    };

    private static byte[] DomainBytes(ByteRangeSet domain, long size, params string[] comments)
    {
        using var stream = new MemoryStream();
        DomainMapfile.Write(stream, domain, size, comments);
        return stream.ToArray();
    }

    private string WriteDomain(string name, ByteRangeSet domain, long size)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, DomainBytes(domain, size));
        return path;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
