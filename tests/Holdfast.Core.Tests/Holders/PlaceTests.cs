// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Holders;

/// <summary>
/// C8. Goal: a fault below a nested filesystem is one failure, wherever it is heard, and every filesystem that has its
/// bytes is told, each in its own bytes. Method: a disk (number 1), and a loop device on it whose file lies in two
/// pieces: its bytes 0-8191 at 65536 of the disk, 8192-16383 at 32768.
/// </summary>
public sealed class PlaceTests : HolderScene
{
    private const long FirstAt = 65536;
    private const long SecondAt = 32768;
    private const long Piece = 8192;
    private static readonly DeviceIdentity Loop = new("path:/a.img", false, "/dev/loop1", 2 * Piece);

    private static readonly DevicePlace[] Places =
    [
        new(Loop, new(0, Piece), Disk, FirstAt),
        new(Loop, new(Piece, Piece), Disk, SecondAt),
    ];

    [Fact]
    public void C8_what_is_heard_at_both_devices_is_one_failure_and_both_filesystems_are_told_in_their_bytes()
    {
        Holder host = PutHost();
        Holder guest = PutGuest();
        Report(Loop, 4096, 512);
        Report(Disk, FirstAt + 4096, 512);
        Assert.Equal([$"{1}:{FirstAt + 4096}+512"], Failures());
        Assert.Equal(2, Ledger.Count("notices"));
        Assert.Equal(new ByteRange(FirstAt + 4096, 512), Assert.Single(ToldTo(host)).Range);
        Assert.Equal(new ByteRange(4096, 512), Assert.Single(ToldTo(guest)).Range);
        Assert.Equal(2, Ledger.Session.Scalar<long>("SELECT count FROM failures"));
    }

    [Fact]
    public void C8_a_range_over_two_pieces_of_the_file_is_two_failures_of_the_disk()
    {
        PutHost();
        Holder guest = PutGuest();
        Report(Loop, Piece - 512, 1024);
        Assert.Equal([$"{1}:{SecondAt}+512", $"{1}:{FirstAt + Piece - 512}+512"], Failures());
        Assert.Equal(
            [new(Piece - 512, 512), new(Piece, 512)], ToldTo(guest).Select(at => at.Range).Order());
    }

    [Fact]
    public void C8_where_nobody_holds_the_disk_the_failure_is_of_the_filesystem_above()
    {
        Holder guest = PutGuest();
        Report(Disk, SecondAt, 512, medium: MediumState.Confirmed);
        Assert.Equal(
            1, Ledger.Count($"failures WHERE instance = {guest.Instance} AND content = {(int)ContentState.Lost}"));
        Notice told = Assert.Single(ToldTo(guest));
        Assert.Equal(new ByteRange(Piece, 512), told.Range);
        // Bytes of the disk that are nobody's are said to be so.
        Report(Disk, 0, 512);
        Assert.Equal(
            1, Ledger.Count($"notices WHERE gap LIKE 'no filesystem%' AND offset = 0 AND device = {DeviceOf(Disk)}"));
    }

    [Fact]
    public void C8_what_was_known_of_the_disk_is_told_once_to_who_comes_to_lie_on_it()
    {
        PutHost();
        Report(Disk, FirstAt, 512);
        Holder guest = PutGuest();
        Assert.Equal(new ByteRange(0, 512), Assert.Single(ToldTo(guest)).Range);
        guest = PutGuest(guest.Epoch);
        HolderRegistry.Release(Ledger.Session, "guest", guest.Epoch);
        guest = PutGuest();
        Assert.Single(ToldTo(guest));
        // Something new about it is told again, also when it came while nobody was there.
        HolderRegistry.Release(Ledger.Session, "guest", guest.Epoch);
        Report(Disk, FirstAt, 512, medium: MediumState.Confirmed);
        guest = PutGuest();
        Assert.Equal(
            [MediumState.Suspect, MediumState.Confirmed],
            ToldTo(guest).OrderBy(at => at.Number).Select(at => at.Medium));
    }

    [Fact]
    public void C8_what_was_heard_above_before_anybody_knew_where_it_lies_goes_below()
    {
        PutHost();
        Report(Loop, Piece - 512, 1024, medium: MediumState.Confirmed);
        Assert.Equal(["2:7680+1024"], Failures());
        Holder guest = PutGuest();
        Assert.Equal([$"{1}:{SecondAt}+512", $"{1}:{FirstAt + Piece - 512}+512"], Failures());
        Assert.Equal(1024, ToldTo(guest).Sum(at => at.Range.Length));
        Assert.Equal(2, Ledger.Count($"failures WHERE active AND content = {(int)ContentState.Lost}"));
    }

    /// <summary>C6: what was heard of between two mounts waits for the second, and is replayed to it.</summary>
    [Fact]
    public void C8_what_waits_for_the_filesystem_above_is_told_once_and_replayed()
    {
        PutHost();
        Holder guest = PutGuest();
        HolderRegistry.Release(Ledger.Session, "guest", guest.Epoch);
        Report(Loop, 4096, 512);
        Assert.Equal(1, Ledger.Count($"notices WHERE state = 0 AND instance = {guest.Instance}"));
        guest = PutGuest();
        Notice told = Assert.Single(ToldTo(guest));
        Assert.True(told.IsReplayed);
        Assert.Equal(
            1, Ledger.Count($"failures WHERE active AND device = 1 AND offset = {FirstAt + 4096}"
                + $" AND hex(id) = '{Convert.ToHexString(told.Failure.ToByteArray(bigEndian: true))}'"));
    }

    [Fact]
    public void C8_a_complete_list_of_the_device_above_speaks_of_its_bytes_below_and_of_no_others()
    {
        PutHost();
        PutGuest();
        Report(Disk, FirstAt, 512);
        Report(Disk, SecondAt, 512);
        Report(Disk, 0, 512);
        Reconciler.Apply(Ledger.Session, new()
        {
            Key = "list", Source = "scan", Device = Loop, Basis = Core.Intake.ReportBasis.List, IsComplete = true,
            Medium = MediumState.Confirmed, Ranges = ByteRangeSet.From([new(Piece, 512)]),
        });
        Assert.Equal(
            [$"0+512:{MediumState.Suspect}", $"{SecondAt}+512:{MediumState.Confirmed}",
                $"{FirstAt}+512:{MediumState.Readable}"],
            Ledger.Session.Rows(
                "SELECT offset, length, medium FROM failures ORDER BY offset",
                row => $"{row.GetInt64(0)}+{row.GetInt64(1)}:{(MediumState)row.GetInt64(2)}"));
    }

    [Fact]
    public void C12_bad_bytes_of_the_disk_are_known_to_be_bad_above()
    {
        PutGuest();
        Report(Disk, FirstAt + 512, 512);
        Report(Disk, SecondAt - 512, 1024);
        Report(Disk, 0, 512);
        Assert.Equal(
            [new(512, 512), new(Piece, 512)], FailureQueries.KnownBad(Ledger.Session, DeviceOf(Loop)));
    }

    [Fact]
    public void C8_places_end_with_their_claim()
    {
        Holder host = PutHost();
        Holder guest = PutGuest();
        HolderRegistry.Release(Ledger.Session, "guest", guest.Epoch);
        // The file may be another one's by now.
        Report(Disk, FirstAt, 512);
        Assert.Empty(ToldTo(guest));
        Assert.Single(ToldTo(host));
    }

    [Fact]
    public void C6_a_filesystem_that_moves_takes_what_it_lost_along()
    {
        Holder guest = PutGuest();
        Report(Disk, FirstAt + 1024, 512, medium: MediumState.Confirmed);
        HolderRegistry.Release(Ledger.Session, "guest", guest.Epoch);
        Holder there = Put(Claim("elsewhere", Other, 4096, 2 * Piece, HolderState.Live, uuid: "guest"));
        Registry.Moved(Ledger.Session, there.Instance!.Value, "root");
        Assert.Equal(
            1, Ledger.Count($"failures WHERE active AND device = {DeviceOf(Other)} AND offset = {4096 + 1024}"
                + $" AND length = 512 AND content = {(int)ContentState.Lost}"));
        // The disk is as bad as it was.
        Assert.Equal(
            1, Ledger.Count($"failures WHERE active AND device = {DeviceOf(Disk)} AND offset = {FirstAt + 1024}"
                + $" AND medium = {(int)MediumState.Confirmed}"));
    }

    [Fact]
    public void C12_both_filesystems_are_asked_again_each_about_its_bytes()
    {
        Holder host = PutHost();
        Holder guest = PutGuest();
        Report(Loop, 1024, 512);
        Guid id = Ledger.Session.Row(
            "SELECT id FROM failures", row => new Boxed(new Guid(row.GetBytes(0), bigEndian: true)))!.Id;
        AgainQuestion ofHost = Assert.Single(AnswerAgain.Of(Ledger.Session, host.Instance!.Value, id));
        AgainQuestion ofGuest = Assert.Single(AnswerAgain.Of(Ledger.Session, guest.Instance!.Value, id));
        Assert.Equal((1, new ByteRange(FirstAt + 1024, 512)), (ofHost.Device, ofHost.Range));
        Assert.Equal((DeviceOf(Loop), new ByteRange(1024, 512)), (ofGuest.Device, ofGuest.Range));
        (List<AgainQuestion> page, Guid? _) = AnswerAgain.Page(
            Ledger.Session, guest.Instance.Value, Guid.Empty, 10);
        Assert.Equal(ofGuest, Assert.Single(page));
        Assert.True(AnswerAgain.Tell(Ledger.Session, guest.Instance.Value, ofGuest, new("[]"u8.ToArray(), true, null)));
        Assert.Equal(
            1, Ledger.Count($"notices WHERE cause = 5 AND device = {DeviceOf(Loop)} AND instance = {guest.Instance}"));
    }

    /// <summary>Method: two loop devices have one block of a disk (reflinked images); a third filesystem has the
    /// disk.</summary>
    [Fact]
    public void C8_everybody_who_shares_a_block_is_told()
    {
        Holder host = PutHost();
        Holder guest = PutGuest();
        var twin = new DeviceIdentity("path:/b.img", false, "/dev/loop2", Piece);
        Holder second = Put(Claim("twin", twin, 0, Piece, HolderState.Live, uuid: "twin") with
        {
            Places = [new(twin, new(0, Piece), Disk, FirstAt)],
        });
        Report(Loop, 512, 512);
        Assert.Single(Failures());
        Assert.All([host, guest, second], at => Assert.Single(ToldTo(at)));
    }

    [Fact]
    public void Bytes_cannot_lie_in_two_places()
    {
        HolderClaim claim = Claim("guest", Loop, 0, 2 * Piece, HolderState.Live, uuid: "guest") with
        {
            Places = [Places[0], new(Loop, new(Piece - 1, 2), Disk, 0)],
        };
        Assert.Equal(
            HolderRefusal.Malformed, Assert.Throws<HolderRefusedException>(() => Put(claim)).Refusal);
    }

    private Holder PutHost() => Put(Claim("host", Disk, 0, Half, HolderState.Live, uuid: "host"));

    private Holder PutGuest(long? epoch = null) => Put(
        Claim("guest", Loop, 0, 2 * Piece, HolderState.Live, epoch, "guest") with { Places = Places });

    private List<string> Failures() => Ledger.Session.Rows(
        "SELECT device, offset, length FROM failures WHERE active ORDER BY device, offset",
        row => $"{row.GetInt64(0)}:{row.GetInt64(1)}+{row.GetInt64(2)}");

    private IReadOnlyList<Notice> ToldTo(Holder holder) =>
        [.. Feed.HolderPage(Ledger.Session, holder, 0, 100).Items.Select(item => item.Notice)];

    private long DeviceOf(DeviceIdentity device) =>
        Ledger.Session.Scalar<long>("SELECT id FROM devices WHERE identity = ?1", device.Identity);

    private sealed record Boxed(Guid Id);
}
