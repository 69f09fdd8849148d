// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>
/// Goal: whatever an image holds, the report around it stands, and says what of the image is not known. Method: one
/// image in one filesystem, damaged in place on the disk below.
/// </summary>
public sealed class HostileImageTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const int Groups = 4;
    private const long GroupBytes = 320 * MiB / Groups;
    private readonly Scratch _scratch = new("images");
    private readonly string _disk;
    private readonly IReadOnlyList<FsmapRow> _rows;
    private readonly ByteRange _written;

    public HostileImageTests()
    {
        _disk = _scratch.SparseFile("host.img", 700 * MiB);
        GuestImage.MakeFilesystem(_disk, "-m rmapbt=1");
        using LoopMount host = GuestImage.Mount(_disk, _scratch);
        string image = GuestImage.Make(host.Point, "vm/guest.img", 320 * MiB, $"-d agcount={Groups} -m rmapbt=1");
        using (LoopMount guest = GuestImage.Mount(image, _scratch))
        {
            GuestImage.Fill(guest.Point, 3);
            _written = WrittenFile.Create(guest.Point, "docs/thesis", 65536, 7);
        }

        _rows = GuestImage.RowsOf(host, "vm/guest.img");
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void A_superblock_in_the_bad_range_has_copies()
    {
        LocateReport report = Ask(new(0, 512), _written);
        LocateReport image = Assert.Single(report.Images!).Report;
        Assert.Contains(image.Faults, fault => fault.Structure == "superblock");
        Assert.Contains(image.Totals.Files, file => file.Paths[0].ToString() == "docs/thesis");
        Assert.Contains(image.Totals.Metadata, impact => impact.Structure == "superblock");
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void An_image_without_any_superblock_is_said_not_to_be_known_as_one()
    {
        LocateReport report = Ask([.. Enumerable.Range(0, Groups).Select(i => new ByteRange(i * GroupBytes, 512))]);
        Assert.Empty(report.Images!);
        Assert.Equal(
            "whether vm/guest.img is an image cannot be told: its first bytes are lost", Assert.Single(report.Gaps));
        Assert.Equal(ExitBits.FileData | ExitBits.Incomplete, report.ExitBits);
        Assert.Equal("vm/guest.img", Assert.Single(report.Totals.Files).Paths[0].ToString());
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void An_image_whose_log_is_lost_is_a_gap_with_the_reason()
    {
        // Behind the headers of the middle group; most of it was never written, and is not on the disk.
        LocateReport report = Ask(new ByteRange((2 * GroupBytes) + (32 << 10), 60 * MiB));
        Assert.Empty(report.Images!);
        Assert.StartsWith(
            "vm/guest.img: the log cannot be recovered", Assert.Single(report.Gaps), StringComparison.Ordinal);
        Assert.Equal(ExitBits.FileData | ExitBits.Incomplete, report.ExitBits);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void A_truncated_image_is_answered_for_as_far_as_it_goes_or_not_at_all()
    {
        using (LoopMount host = GuestImage.Mount(_disk, _scratch))
        using (FileStream image = File.OpenWrite(Path.Combine(host.Point, "vm/guest.img"))) image.SetLength(100 * MiB);
        LocateReport report = Ask(_written);
        Assert.True(report.ExitBits.HasFlag(ExitBits.Incomplete));
        // Its log is behind the cut.
        Assert.Contains("vm/guest.img", Assert.Single(report.Gaps), StringComparison.Ordinal);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void Nonsense_in_an_image_ends_in_an_answer()
    {
        ByteRange[] places =
            [.. _rows.Where(at => at.Length < 32 * MiB).Select(at => new ByteRange(at.Offset, at.Length))];
        using FileStream disk = new(_disk, FileMode.Open, FileAccess.ReadWrite);
        int incomplete = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var changed = new List<(long At, byte[] Was)>();
            for (int i = 0; i < 30; i++)
            {
                ByteRange place = places[random.Next(places.Length)];
                // The magic stays, that it is taken for what it was.
                long offset = Math.Max(4, place.Offset + random.NextInt64(Math.Min(place.Length, 65536)));
                ByteRangeSet below = GuestImage.Down(_rows, ByteRangeSet.From([new(offset, 64)]));
                foreach (ByteRange at in below) changed.Add((at.Offset, Overwrite(disk, at, random)));
            }

            disk.Flush();
            LocateReport report = Ask(_written, new(40960, 4096));
            Assert.Equal("vm/guest.img", Assert.Single(report.Totals.Files).Paths[0].ToString());
            Assert.True(report.Images!.Count == 1 || report.Gaps.Count > 0);
            if (report.ExitBits.HasFlag(ExitBits.Incomplete)) incomplete++;
            changed.Reverse();
            foreach ((long at, byte[] was) in changed)
            {
                disk.Position = at;
                disk.Write(was);
            }

            disk.Flush();
        }

        Assert.NotEqual(0, incomplete);
        Assert.True(Assert.Single(Ask(_written).Images!).Report.IsComplete, "all was put back");
    }

    /// <summary>An image may even hold itself: how deep one looks is bounded.</summary>
    [RootFact]
    public void Images_in_images_are_followed_to_a_bound()
    {
        const string Small = "--unsupported -l size=8m -m rmapbt=0,reflink=0";
        const int Images = 10;
        using var scratch = new Scratch("images");
        string image = scratch.SparseFile("0.img", (Images + 1) * 48 * MiB);
        string disk = image;
        var mounts = new Stack<LoopMount>();
        var ways = new Stack<IReadOnlyList<FsmapRow>>();
        ByteRange written;
        try
        {
            GuestImage.MakeFilesystem(image, Small);
            mounts.Push(GuestImage.Mount(image, scratch));
            for (int i = 1; i <= Images; i++)
            {
                image = Path.Combine(mounts.Peek().Point, $"{i}.img");
                using (FileStream file = new(image, FileMode.CreateNew)) file.SetLength((Images + 1 - i) * 48 * MiB);
                GuestImage.MakeFilesystem(image, Small);
                mounts.Push(GuestImage.Mount(image, scratch));
            }

            written = WrittenFile.Create(mounts.Peek().Point, "deep", 8192, 1);
            for (int i = Images; i >= 1; i--)
            {
                mounts.Pop().Dispose();
                ways.Push(GuestImage.RowsOf(mounts.Peek(), $"{i}.img"));
            }
        }
        finally
        {
            while (mounts.TryPop(out LoopMount? mount)) mount.Dispose();
        }

        ByteRangeSet bad = ways.Reverse().Aggregate(
            ByteRangeSet.From([new(written.Offset, 4096)]), (at, rows) => GuestImage.Down(rows, at));
        LocateReport report = ImageLocate.IntoImages(disk, bad);
        Assert.True(report.ExitBits.HasFlag(ExitBits.Incomplete));
        for (int i = 1; i <= 8; i++) report = Assert.Single(report.Images!).Report;
        Assert.Empty(report.Images!);
        Assert.Equal("9.img was not looked into: images within images are followed 8 deep", Assert.Single(report.Gaps));
    }

    public void Dispose() => _scratch.Dispose();

    private LocateReport Ask(params ByteRange[] lost) =>
        ImageLocate.IntoImages(_disk, GuestImage.Down(_rows, ByteRangeSet.From(lost)));

    private static byte[] Overwrite(FileStream disk, ByteRange at, Random random)
    {
        byte[] was = new byte[at.Length];
        disk.Position = at.Offset;
        disk.ReadExactly(was);
        byte[] nonsense = new byte[at.Length];
        random.NextBytes(nonsense);
        disk.Position = at.Offset;
        disk.Write(nonsense);
        return was;
    }
}
