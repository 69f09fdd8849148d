// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class SmartctlReportTests
{
    [Fact]
    public void The_logs_of_an_ATA_disk_name_physical_sectors()
    {
        SmartctlReport report = ReadSample("smartctl-ata.json");
        Assert.Equal("/dev/sda", report.Drive.Name);
        Assert.Equal("EX0001", report.Drive.SerialNumber);
        Assert.Equal("EXAMPLE DISK 4K", report.Drive.Model);
        Assert.Equal((512, 4096), (report.Drive.LogicalBlockSize, report.Drive.PhysicalBlockSize));
        Assert.True(report.Drive.BlockSizeKnown);
        // LBA 494591083 is the fourth logical block of its physical sector, 494591090 is in the next.
        Assert.Equal(
            [
                ("ata_smart_self_test_log.extended.table[0]", 494591083, Confidence.Exact),
                // Older than an extended test that found nothing.
                ("ata_smart_self_test_log.extended.table[2]", 800, Confidence.Low),
                ("ata_pending_defects_log.table[0]", 494591083, Confidence.Exact),
                ("ata_pending_defects_log.table[1]", 494591090, Confidence.Exact),
                // The summary's third entry has an address of 28 bits; the first is a part of one of 48, the second is
                // all ones. In the extended log the failed write is none of ours.
                ("ata_smart_error_log.summary.table[2]", 104284160, Confidence.Low),
                ("ata_smart_error_log.extended.table[0]", 494588376, Confidence.Low),
            ],
            report.Findings.Select(f => (f.Log, f.Lba, f.Reported.Confidence)));
        Assert.Equal(new(494591080L * 512, 4096), report.Findings[0].Reported.Range);
        Assert.Equal(new(494591088L * 512, 4096), report.Findings[3].Reported.Range);
        Assert.Equal(6, report.Ranges.Count);
    }

    [Fact]
    public void The_logs_of_a_SCSI_disk_name_blocks_of_its_own_size()
    {
        SmartctlReport report = ReadSample("smartctl-scsi.json");
        Assert.Equal((4096, 4096), (report.Drive.LogicalBlockSize, report.Drive.PhysicalBlockSize));
        Assert.Equal("EXAMPLE SAS4K", report.Drive.Model);
        Assert.Equal(
            [
                ("scsi_self_test_0", 400, Confidence.Exact),
                // A hardware error: its address need not be a lost block.
                ("scsi_self_test_1", 500, Confidence.Low),
                ("scsi_background_scan.result_1", 100, Confidence.Exact),
                ("scsi_pending_defects.table[1]", 300, Confidence.Exact),
            ],
            report.Findings.Select(f => (f.Log, f.Lba, f.Reported.Confidence)));
        Assert.Equal(new(400 * 4096, 4096), report.Findings[0].Reported.Range);
    }

    [Fact]
    public void What_lies_in_another_NVMe_namespace_is_found_and_is_no_range_of_this_one()
    {
        SmartctlReport report = ReadSample("smartctl-nvme.json");
        Assert.Equal(1, report.Drive.Namespace);
        Assert.Equal(
            [
                ("nvme_self_test_log.table[0]", 294695577, 1, Confidence.Exact),
                ("nvme_error_information_log.table[0]", 294695576, 1, Confidence.Low),
                ("nvme_error_information_log.table[3]", 77, 2, Confidence.Low),
            ],
            report.Findings.Select(f => (f.Log, f.Lba, f.Namespace!.Value, f.Reported.Confidence)));
        Assert.Equal([294695577L * 512, 294695576L * 512], report.Ranges.Select(r => r.Range.Offset));
    }

    [Fact]
    public void Without_block_sizes_those_given_are_used_and_nothing_is_exact()
    {
        const string Text = """{"ata_pending_defects_log":{"table":[{"lba":3}]}}""";
        SmartctlReport report = SmartctlReport.Read(Sample.Of(Text), 4096);
        Assert.False(report.Drive.BlockSizeKnown);
        Assert.Equal(new(new(3 * 4096, 4096), Confidence.Low), Assert.Single(report.Ranges));
        Assert.Equal(new(3 * 512, 512), Assert.Single(SmartctlReport.Read(Sample.Of(Text)).Ranges).Range);
        Assert.Throws<ArgumentOutOfRangeException>(() => SmartctlReport.Read(Sample.Of(Text), 520));
    }

    [Fact]
    public void A_healthy_disk_has_logs_and_nothing_in_them()
    {
        const string Text =
            """{"logical_block_size":512,"ata_smart_self_test_log":{"standard":{"revision":1,"count":0}}}""";
        SmartctlReport report = SmartctlReport.Read(Sample.Of(Text));
        Assert.Empty(report.Faults);
        Assert.Empty(report.Ranges);
    }

    [Theory]
    [InlineData("", 1, "not one JSON text")]
    [InlineData("smartctl 7.3 2022-02-28 r5338\n", 1, "not one JSON text")]
    [InlineData("{\n\"a\":\n", 3, "not one JSON text")]
    [InlineData("{}\n{}", 2, "not one JSON text")]
    [InlineData("{}", 0, "no log")]
    [InlineData("[1,2]", 0, "no log")]
    [InlineData("null", 0, "no log")]
    [InlineData("""{"smartctl":{"messages":[{"string":"Permission denied","severity":"error"}]}}""", 0, "no log")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":-1}]}}""", 0, "not a block address")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":"7"}]}}""", 0, "not a block address")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":1.5}]}}""", 0, "not a block address")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":99999999999999999999}]}}""", 0, "not a block address")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":9223372036854775807}]}}""", 0, "past 2^63 - 1")]
    [InlineData("""{"scsi_pending_defects":{"table":[{"lba":18014398509481982}]}}""", 0, "past 2^63 - 1")]
    [InlineData("""{"logical_block_size":520,"scsi_pending_defects":{}}""", 0, "not a power of two")]
    [InlineData("""{"logical_block_size":{},"scsi_pending_defects":{}}""", 0, "not a power of two")]
    [InlineData("""{"device":{"name":"\ud800"},"scsi_pending_defects":{}}""", 0, "not text")]
    public void What_is_no_output_of_smartctl_is_a_fault(string text, long line, string problem)
    {
        ListFault fault = Assert.Single(SmartctlReport.Read(Sample.Of(text)).Faults);
        Assert.Equal(line, fault.Line);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_smartctl_could_not_do_is_told_with_the_fault()
    {
        const string Text = """{"smartctl":{"messages":[{"string":"Permission denied","severity":"error"}]}}""";
        Assert.Equal("Permission denied", Assert.Single(SmartctlReport.Read(Sample.Of(Text)).Faults).Found);
    }

    [Fact]
    public void Output_longer_than_any_drive_has_is_refused()
    {
        using var endless = new EndlessStream();
        ListFault fault = Assert.Single(SmartctlReport.Read(endless).Faults);
        Assert.Contains("64 MiB", fault.Problem, StringComparison.Ordinal);
    }

    // Goal: whatever bytes stand in the output, reading it ends with a value.
    [Theory]
    [InlineData("smartctl-ata.json")]
    [InlineData("smartctl-scsi.json")]
    [InlineData("smartctl-nvme.json")]
    public void Mutated_output_is_read_to_its_end(string sample)
    {
        var random = new Random(3);
        byte[] sound = File.ReadAllBytes(Sample.PathOf(sample));
        byte[] tokens = Encoding.ASCII.GetBytes("0123456789-.e\"{}[],:ntu\\\xff");
        int readable = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = [.. sound];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = tokens[random.Next(tokens.Length)];
            }

            SmartctlReport report = SmartctlReport.Read(new MemoryStream(bytes));
            if (report.Findings.Count > 0) readable++;
            Assert.All(report.Findings, f => Assert.Equal(0, f.Reported.Range.Offset % report.Drive.PhysicalBlockSize));
        }

        Assert.InRange(readable, 100, 2900);
    }

    private static SmartctlReport ReadSample(string name)
    {
        using FileStream stream = Sample.Open(name);
        SmartctlReport report = SmartctlReport.Read(stream);
        Assert.Empty(report.Faults);
        return report;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)' ');
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
