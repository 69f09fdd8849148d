// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>
/// Goal: what bad bytes of a disk are to a filesystem in a file on it is what they are to that filesystem by itself.
/// Method: real filesystems in files of real filesystems; every block that the inner one has in use is asked for
/// through the outer one, and in a copy of the image, and the two reports are compared whole.
/// </summary>
public sealed class OfflineImageTests
{
    private const long MiB = 1 << 20;
    private const int Block = 4096;

    /// <summary>Of the log, which is all alike, so many blocks are passed over.</summary>
    private const int LogStep = 1021;

    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    [InlineData("-m rmapbt=1", "-m rmapbt=1 -b size=1024")]
    [InlineData("-m rmapbt=0,reflink=0", "-m rmapbt=1")]
    public void Every_block_in_use_means_what_it_means_to_the_image_alone(string guestArguments, string hostArguments)
    {
        using var scratch = new Scratch("images");
        string disk = scratch.SparseFile("host.img", 700 * MiB);
        GuestImage.MakeFilesystem(disk, hostArguments);
        string alone = scratch.PathOf("alone.img");
        IReadOnlyList<FsmapRow> rows;
        IReadOnlyList<FsmapRow> inUse;
        using (LoopMount host = GuestImage.Mount(disk, scratch))
        {
            string image = GuestImage.Make(host.Point, "vm/guest.img", 320 * MiB, guestArguments);
            using (LoopMount guest = GuestImage.Mount(image, scratch)) GuestImage.Fill(guest.Point, 1);
            using (LoopMount guest = GuestImage.Mount(image, scratch)) inUse = GuestImage.InUse(guest);
            rows = GuestImage.RowsOf(host, "vm/guest.img");
            ProgramRun.Require("cp", "--sparse=always", image, alone);
        }

        Assert.True(rows.Count > 10, "the image lies in few pieces");
        int compared = 0;
        foreach (ByteRange block in Blocks(inUse))
        {
            if (Compare(disk, rows, alone, ByteRangeSet.From([block]))) compared++;
        }

        Assert.True(compared > 250, $"only {compared} blocks");
        // Together, with a sector of each: one pass.
        var many = ByteRangeSet.From(
            Blocks(inUse).Where(at => at.Offset > MiB).Select(at => new ByteRange(at.Offset, 512)));
        Assert.True(Compare(disk, rows, alone, many));
    }

    /// <summary>The guest lost its power: its log is recovered in memory, as that of any other disk.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void A_guest_that_crashed_is_recovered_in_memory()
    {
        using var scratch = new Scratch("images");
        string disk = scratch.SparseFile("host.img", 700 * MiB);
        GuestImage.MakeFilesystem(disk, "-m rmapbt=1");
        string alone = scratch.PathOf("alone.img");
        IReadOnlyList<FsmapRow> rows;
        IReadOnlyList<FsmapRow> inUse;
        using (LoopMount host = GuestImage.Mount(disk, scratch))
        {
            string image = GuestImage.Make(host.Point, "vm/guest.img", 320 * MiB, "-m rmapbt=1");
            using (LoopMount guest = GuestImage.Mount(image, scratch))
            {
                GuestImage.Fill(guest.Point, 2);
                inUse = GuestImage.InUse(guest);
                using var root = new Tree(guest.Point);
                for (int i = 0; i < 20; i++) root.Create($"only-in-the-log-{i}");
                root.Crash(flushLog: true);
            }

            rows = GuestImage.RowsOf(host, "vm/guest.img");
            ProgramRun.Require("cp", "--sparse=always", image, alone);
        }

        FsmapRow content = inUse.First(at => at is { IsInode: true, Fork: ForkKind.Data } && at.Offset == 0);
        LocateReport direct = ImageLocate.Alone(alone, ByteRangeSet.From([new(content.Physical, 512)]));
        Assert.Contains(
            direct.Notes, note => note.Contains("the log was recovered in memory", StringComparison.Ordinal));
        int compared = 0;
        foreach (ByteRange block in Blocks(inUse).Where((_, i) => i % 7 == 0))
        {
            if (Compare(disk, rows, alone, ByteRangeSet.From([block]))) compared++;
        }

        Assert.True(compared > 30, $"only {compared} blocks");
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate", "sgdisk")]
    public void Each_filesystem_on_a_disk_with_partitions_has_a_section_of_its_own()
    {
        using var scratch = new Scratch("images");
        string disk = scratch.SparseFile("host.img", 1100 * MiB);
        GuestImage.MakeFilesystem(disk, "-m rmapbt=1");
        string alone = scratch.PathOf("alone.img");
        IReadOnlyList<FsmapRow> rows;
        var first = new List<ByteRange>();
        using (LoopMount host = GuestImage.Mount(disk, scratch))
        {
            string image = Path.Combine(host.Point, "disk.img");
            GuestImage.Fragment(image, 700 * MiB);
            ProgramRun.Require(
                "sgdisk", "--new=1:2048:+320M", "--new=2:0:+320M", "--change-name=2:second", image);
            foreach ((long at, string label) in ((long, string)[])[(1 * MiB, "one"), (321 * MiB, "two")])
            {
                string part = scratch.SparseFile(label, 320 * MiB);
                GuestImage.MakeFilesystem(part, $"-L {label} -m rmapbt=1");
                using (LoopMount guest = GuestImage.Mount(part, scratch))
                {
                    first.Add(WrittenFile.Create(guest.Point, $"in {label}", 65536, 3));
                }

                ProgramRun.Require(
                    "dd", $"if={part}", $"of={image}", "bs=1M", $"seek={at / MiB}", "conv=notrunc,sparse");
            }

            rows = GuestImage.RowsOf(host, "disk.img");
            ProgramRun.Require("cp", "--sparse=always", image, alone);
        }

        var lost = ByteRangeSet.From(
            [new(512, 512), new(MiB + first[0].Offset + 4096, 4096), new(321 * MiB + first[1].Offset, 512)]);
        LocateReport report = ImageLocate.IntoImages(disk, GuestImage.Down(rows, lost));
        Assert.Equal(2, report.Images!.Count);
        Assert.Equal(["p1", "p2"], report.Images.Select(at => at.Report.Volume.Name));
        Assert.Equal(["one", "two"], report.Images.Select(at => at.Report.Volume.Label));
        Assert.Equal(
            ["in one", "in two"],
            report.Images.Select(at => Assert.Single(at.Report.Totals.Files).Paths[0].ToString()));
        Assert.Equal([4096, 512], report.Images.Select(at => at.Report.Totals.BytesLost));
        Assert.All(report.Images, at => Assert.Equal(lost, at.Report.Ranges));
        // What is in neither is said once.
        Assert.Equal([1, 0], report.Images.Select(at => at.Report.Outside.Count));
        Assert.Contains("GPT", report.Images[0].Report.Outside[0].Name, StringComparison.Ordinal);
        foreach ((ImageReport image, string volume) in report.Images.Zip((string[])["p1", "p2"]))
        {
            LocateReport direct = ImageLocate.Alone(alone, lost, "--volume", volume);
            Assert.Equal(WithoutOutside(direct), WithoutOutside(image.Report));
        }

        LocateReport table = ImageLocate.IntoImages(disk, GuestImage.Down(rows, ByteRangeSet.From([new(512, 512)])));
        Assert.Empty(table.Images!);
        Assert.StartsWith("what disk.img lost is in no XFS on it: 512 B at byte 512 (", Assert.Single(table.Notes));
        Assert.Equal(ExitBits.FileData, table.ExitBits);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void A_guest_in_a_guest_in_a_guest_is_reached()
    {
        using var scratch = new Scratch("images");
        string disk = scratch.SparseFile("host.img", 1400 * MiB);
        GuestImage.MakeFilesystem(disk, "-m rmapbt=1");
        string alone = scratch.PathOf("alone.img");
        ByteRange written;
        ByteRangeSet lost;
        var ways = new List<IReadOnlyList<FsmapRow>>();
        using (LoopMount host = GuestImage.Mount(disk, scratch))
        {
            string outer = GuestImage.Make(host.Point, "vm/outer.img", 1000 * MiB, "-m rmapbt=1");
            using (LoopMount guest = GuestImage.Mount(outer, scratch))
            {
                string middle = GuestImage.Make(guest.Point, "middle.img", 660 * MiB, "-m rmapbt=0");
                using (LoopMount inner = GuestImage.Mount(middle, scratch))
                {
                    string last = GuestImage.Make(inner.Point, "a/b/inner.img", 320 * MiB, "-L deepest -m rmapbt=1");
                    using (LoopMount deepest = GuestImage.Mount(last, scratch))
                    {
                        written = WrittenFile.Create(deepest.Point, "docs/thesis", 65536, 7);
                    }

                    ProgramRun.Require("cp", "--sparse=always", last, alone);
                    ways.Add(GuestImage.RowsOf(inner, "a/b/inner.img"));
                }

                ways.Add(GuestImage.RowsOf(guest, "middle.img"));
            }

            ways.Add(GuestImage.RowsOf(host, "vm/outer.img"));
        }

        lost = ByteRangeSet.From([new(written.Offset + 4096, 1024)]);
        ByteRangeSet bad = ways.Aggregate(lost, (at, rows) => GuestImage.Down(rows, at));
        LocateReport report = ImageLocate.IntoImages(disk, bad);
        ImageReport first = Assert.Single(report.Images!);
        ImageReport second = Assert.Single(first.Report.Images!);
        ImageReport third = Assert.Single(second.Report.Images!);
        Assert.Equal(
            ["vm/outer.img", "middle.img", "a/b/inner.img"],
            ((ImageReport[])[first, second, third]).Select(at => at.Paths[0].ToString()));
        Assert.Equal("vm/outer.img › middle.img › a/b/inner.img", third.Report.Target);
        Assert.Equal(ImageLocate.Text(ImageLocate.Alone(alone, lost)), ImageLocate.Text(third.Report));
        Assert.Equal("docs/thesis", Assert.Single(third.Report.Totals.Files).Paths[0].ToString());
        Assert.Equal(ExitBits.FileData, report.ExitBits);
    }

    /// <returns>False where the image has a hole there.</returns>
    private static bool Compare(string disk, IReadOnlyList<FsmapRow> rows, string alone, ByteRangeSet asked)
    {
        ByteRangeSet bad = GuestImage.Down(rows, asked);
        if (bad.IsEmpty) return false;
        // What is a hole in the image is not on the disk, and cannot be lost there.
        asked = ByteRangeSet.From(rows.SelectMany(row => asked.Within(new(row.Offset, row.Length))));
        LocateReport through = ImageLocate.IntoImages(disk, bad);
        LocateReport direct;
        try
        {
            direct = ImageLocate.Alone(alone, asked);
        }
        catch (CommandFailure failure)
        {
            Assert.Empty(through.Images!);
            string reason = failure.Message.Replace(alone, "vm/guest.img", StringComparison.Ordinal);
            Assert.Equal(reason, through.Gaps.Single());
            Assert.Equal(ExitBits.FileData | ExitBits.Incomplete, through.ExitBits);
            return true;
        }

        ImageReport image = Assert.Single(through.Images!);
        Assert.Equal("vm/guest.img", image.Paths[0].ToString());
        string wanted = ImageLocate.Text(direct);
        string found = ImageLocate.Text(image.Report);
        Assert.True(wanted == found, $"{asked[0]}: wanted\n{wanted}\nfound\n{found}");
        Assert.Equal(direct.ExitBits | ExitBits.FileData, through.ExitBits);
        return true;
    }

    private static string WithoutOutside(LocateReport report) => Regex.Replace(
        ImageLocate.Text(report with { Outside = [] }), "\"outside_bytes\": [0-9]+", "");

    private static IEnumerable<ByteRange> Blocks(IReadOnlyList<FsmapRow> inUse)
    {
        foreach (FsmapRow row in inUse.DistinctBy(at => at.Physical))
        {
            int step = row.Owner == OwnerKind.Log ? LogStep : 1;
            for (long at = row.Physical; at < row.End; at += (long)step * Block) yield return new(at, Block);
        }
    }
}
