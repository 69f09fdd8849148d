// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Tests.Output;

public sealed class ReportTotalsTests
{
    [Fact]
    public void The_exit_status_adds_up_what_was_hit()
    {
        Assert.Equal(ExitBits.None, Samples.Nothing.ExitBits);
        Assert.Equal(ExitBits.FileData, Samples.Many(1).ExitBits);
        Assert.Equal(ExitBits.FileData | ExitBits.Metadata | ExitBits.Incomplete, Samples.Everything.ExitBits);
    }

    [Fact]
    public void Hits_that_overlap_in_a_file_count_once()
    {
        FileDamage file = Assert.Single(ReportTotals.Of([Samples.File(9, 0, 8192), Samples.File(9, 4096, 8192)]).Files);
        Assert.Equal(12288, file.BytesLost);
        Assert.Equal(12288.0 / 65536, file.Share);
    }

    [Fact]
    public void Bytes_past_the_end_of_a_file_are_not_lost()
    {
        Impact tail = Samples.File(9, 61440, 4096) with { FileSize = 61441 };
        Assert.Equal(1, ReportTotals.Of([tail]).BytesLost);
    }

    [Fact]
    public void A_lost_inode_loses_all_that_it_owned()
    {
        Impact chunk = new()
        {
            Owner = OwnerKind.Inodes,
            Physical = 0,
            Length = 512,
            Severity = Severity.Metadata,
            LostInodes = [new(9, [PathName.FromText("a")], [new(0, 4096), new(8192, 4096)], true)],
        };
        ReportTotals totals = ReportTotals.Of([Samples.File(9, 0, 4096, "a"), chunk]);
        FileDamage file = Assert.Single(totals.Files);
        Assert.Equal(8192, file.BytesLost);
        Assert.Equal(1, file.Share);
        Assert.True(file.InodeLost);
    }

    [Fact]
    public void A_lost_mapping_is_lost_content()
    {
        Impact map = Samples.File(9, 0, 4096, "a") with
        {
            Severity = Severity.Metadata,
            BlockMap = true,
            FileOffset = null,
            LostMappings = [new(0, 16384)],
        };
        ReportTotals totals = ReportTotals.Of([map]);
        Assert.Equal(16384, totals.BytesLost);
        Assert.False(totals.HitsFileData);
    }

    [Fact]
    public void The_worst_come_first_and_names_break_ties()
    {
        ReportTotals totals = ReportTotals.Of(
        [
            Samples.File(1, 0, 4096, "b"), Samples.File(2, 0, 4096), Samples.File(3, 0, 4096, "a"),
            Samples.File(4, 0, 8192, "z"),
        ]);
        Assert.Equal([4ul, 3ul, 1ul, 2ul], totals.Files.Select(f => f.Inode));
    }

    [Fact]
    public void Attributes_and_metadata_of_a_directory_are_no_damaged_files()
    {
        Impact leaf = Samples.File(9, 0, 4096, "d") with { Severity = Severity.Metadata, FileType = "directory" };
        Assert.Empty(ReportTotals.Of([leaf]).Files);
    }
}
