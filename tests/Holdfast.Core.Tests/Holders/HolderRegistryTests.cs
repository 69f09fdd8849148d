// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;
using Holdfast.Core.Tests.Simulation;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Holders;

/// <summary>C2, C4, C6, C10, C13: one holder a range, and failures bound to the right instance.</summary>
public sealed class HolderRegistryTests : HolderScene
{
    [Fact]
    public void C2_a_second_claim_is_refused_and_names_the_first()
    {
        Put(Claim("first", Disk, 0, Half));
        HolderRefusedException refused = Refused(() => Put(Claim("second", Disk, Half - 512, Half)));
        Assert.Equal((HolderRefusal.HeldBy, "first"), (refused.Refusal, refused.Holder));
    }

    [Fact]
    public void C2_two_partitions_of_one_disk_are_both_held()
    {
        Put(Claim("left", Disk, 0, Half));
        Put(Claim("right", Disk, Half, Half));
        Assert.Equal(2, Ledger.Count("claims"));
    }

    [Fact]
    public void C2_late_words_are_fenced_off()
    {
        Holder old = Put(Claim("fs", Disk, 0, Half));
        Holder now = Put(Claim("fs", Disk, 0, Half));
        Assert.True(now.Epoch > old.Epoch);
        Assert.Equal(
            HolderRefusal.StaleEpoch, Refused(
                () => Put(Claim("fs", Disk, 0, Half, HolderState.Live, old.Epoch))).Refusal);
        Assert.Equal(
            HolderRefusal.StaleEpoch,
            Refused(() => HolderRegistry.Release(Ledger.Session, "fs", old.Epoch)).Refusal);
        Assert.Equal(1, Ledger.Count("claims"));
    }

    [Fact]
    public void C2_a_dead_holders_claim_ends_and_another_may_come()
    {
        Holder dead = Put(Claim("first", Disk, 0, Half));
        Time.Pass(TimeSpan.FromSeconds(61));
        Put(Claim("second", Disk, 0, Half));
        Assert.Equal(
            HolderRefusal.LeaseEnded,
            Refused(() => Put(Claim("first", Disk, 0, Half, HolderState.Live, dead.Epoch))).Refusal);
    }

    [Fact]
    public void C2_releasing_twice_harms_nobody()
    {
        Holder held = Put(Claim("fs", Disk, 0, Half));
        HolderRegistry.Release(Ledger.Session, "fs", held.Epoch);
        HolderRegistry.Release(Ledger.Session, "fs", held.Epoch);
        Assert.Equal(0, Ledger.Count("claims"));
        Assert.Equal(0, Ledger.Count("claim_ranges"));
    }

    [Fact]
    public void C2_a_holder_of_several_devices_holds_all_of_them_or_none()
    {
        Put(Claim("log", Other, 0, 512));
        HolderClaim two = Claim("fs", Disk, 0, Half) with
        {
            Ranges = [new(Disk, DeviceRole.Data, new(0, Half)), new(Other, DeviceRole.Log, new(0, 1024))],
        };
        Assert.Equal(HolderRefusal.HeldBy, Refused(() => Put(two)).Refusal);
        HolderRegistry.Release(Ledger.Session, "log", null);
        Assert.Equal(2, Put(two).Ranges.Count);
    }

    [Fact]
    public void A_lifecycle_goes_forward_only()
    {
        Holder live = Live("fs", Disk, 0, Half, "a");
        Assert.Equal(
            HolderRefusal.StateOrder,
            Refused(() => Put(Claim("fs", Disk, 0, Half, HolderState.Claimed, live.Epoch))).Refusal);
    }

    [Fact]
    public void C4_for_each_state_the_holder_says_what_it_wants()
    {
        Holder early = Put(Claim("fs", Disk, 0, Half, HolderState.SuperblockRead, uuid: "a") with
        {
            Decisions = new Dictionary<HolderState, HolderDecision>
            {
                [HolderState.SuperblockRead] = HolderDecision.Handle,
            },
        });
        Report(Disk, 0, 512);
        Assert.Single(Feed.HolderPage(Ledger.Session, early, 0, 10).Items);
        Holder later = Put(Claim("fs", Disk, 0, Half, HolderState.StructuresReady, early.Epoch, "a"));
        Assert.Empty(Feed.HolderPage(Ledger.Session, later, 0, 10).Items);
    }

    [Fact]
    public void C6_what_waited_is_replayed_to_the_instance_under_any_name()
    {
        Holder first = Live("old-name", Disk, 0, Half, "a");
        HolderRegistry.Release(Ledger.Session, "old-name", first.Epoch);
        Report(Disk, 0, 512);
        Assert.Equal(1, Waiting());
        Holder again = Live("new-name", Disk with { Name = "/dev/sdq" }, 0, Half, "a");
        Assert.Equal(first.Instance, again.Instance);
        Assert.Equal(0, Waiting());
        Assert.Equal(1, Ledger.Count("notices WHERE state = 1 AND replayed"));
    }

    [Fact]
    public void C6_a_new_filesystem_on_an_old_bad_range_gets_notices_of_its_own()
    {
        Holder old = Live("fs", Disk, 0, Half, "a");
        HolderRegistry.Release(Ledger.Session, "fs", old.Epoch);
        Report(Disk, 0, 512);
        Holder now = Live("fs", Disk, 0, Half, "b");
        Assert.NotEqual(old.Instance, now.Instance);
        Assert.Equal(1, Ledger.Count($"notices WHERE state = 3 AND instance = {old.Instance}"));
        Assert.Equal(1, Ledger.Count($"notices WHERE state = 1 AND instance = {now.Instance}"));
        Assert.Equal(1, Ledger.Count($"failures WHERE superseded AND instance = {old.Instance}"));
        Assert.Equal(1, Ledger.Count($"failures WHERE active AND instance = {now.Instance}"));
    }

    [Fact]
    public void C6_a_known_uuid_elsewhere_hears_nothing_until_somebody_says_moved()
    {
        Holder old = Live("old", Disk, 0, Half, "a");
        HolderRegistry.Release(Ledger.Session, "old", old.Epoch);
        Report(Disk, 4096, 512);
        Holder there = Live("new", Other, 512, Half, "a");
        Assert.Equal(old.Instance, there.CandidateOf);
        Assert.Empty(Feed.HolderPage(Ledger.Session, there, 0, 10).Items);
        Registry.Moved(Ledger.Session, there.Instance!.Value, "root");
        Holder moved = HolderRows.Find(Ledger.Session, "new")!;
        Assert.Equal(old.Instance, moved.Instance);
        FeedItem told = Assert.Single(Feed.HolderPage(Ledger.Session, moved, 0, 10).Items);
        // The place in the filesystem is the same; the medium there is a good one, the content is not back.
        Assert.Equal(new ByteRange(4096 + 512, 512), told.Notice.Range);
        Assert.Equal((MediumState.Readable, ContentState.Unknown), (told.Notice.Medium, told.Notice.Content));
        Assert.Equal(0, Waiting());
    }

    [Fact]
    public void C6_a_copy_is_an_instance_of_its_own()
    {
        Live("old", Disk, 0, Half, "a");
        Holder there = Live("new", Other, 0, Half, "a");
        HolderRegistry.Copied(Ledger.Session, there.Instance!.Value);
        Assert.Null(HolderRows.Find(Ledger.Session, "new")!.CandidateOf);
        Assert.Equal(
            HolderRefusal.UnknownInstance,
            Refused(() => Registry.Moved(Ledger.Session, there.Instance.Value, "root")).Refusal);
    }

    [Fact]
    public void C10_a_range_over_two_holders_is_clipped_to_each()
    {
        Holder left = Live("left", Disk, 0, Half, "a");
        Holder right = Live("right", Disk, Half, Half - 512, "b");
        Report(Disk, Half - 512, Half + 512);
        Assert.Equal(1, Ledger.Count(
            $"failures WHERE instance = {left.Instance} AND offset = {Half - 512} AND length = 512"));
        Assert.Equal(
            1, Ledger.Count(
                $"failures WHERE instance = {right.Instance} AND offset = {Half} AND length = {Half - 512}"));
        Assert.Equal(1, Ledger.Count(
            $"failures WHERE instance IS NULL AND offset = {(2 * Half) - 512} AND length = 512"));
    }

    [Fact]
    public void C13_a_device_that_is_away_is_no_media_failure_and_its_return_settles_it()
    {
        Live("fs", Disk, 0, 2 * Half, "a");
        Report(Disk, 0, 512);
        Report(Disk, 0, 2 * Half, FailureKind.Absent, MediumState.Gone);
        Assert.Equal(2, Ledger.Count("failures WHERE open"));
        Report(Disk, 0, 2 * Half, FailureKind.Absent, MediumState.Readable);
        Assert.Equal(1, Ledger.Count("failures WHERE open AND kind = 0 AND length = 512"));
        Assert.Equal(0, Ledger.Count("failures WHERE open AND kind = 1"));
    }

    private static HolderRefusedException Refused(Action word) => Assert.Throws<HolderRefusedException>(word);

    private Holder Live(string name, DeviceIdentity device, long offset, long length, string uuid) =>
        Put(Claim(name, device, offset, length, HolderState.Live, uuid: uuid));

    private long Waiting() => Ledger.Count("notices WHERE state = 0");
}
