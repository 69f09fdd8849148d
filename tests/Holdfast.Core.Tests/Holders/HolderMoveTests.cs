// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;
using Holdfast.Core.Tests.Simulation;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Holders;

/// <summary>C6, C8, C10. Goal: nothing is asked of a filesystem about bytes that it does not have any more, and nothing
/// that waited for it is lost. Method: notices that wait while it moves or becomes shorter.</summary>
public sealed class HolderMoveTests : HolderScene
{
    [Fact]
    public void C6_what_was_ready_where_it_lay_is_published_and_never_asked_where_it_lies()
    {
        Holder old = Put("old", Disk, Half);
        Report(Disk, 4096, 512);
        Assert.Equal(1, Ledger.Count($"notices WHERE state = 1 AND instance = {old.Instance}"));
        HolderRegistry.Release(Ledger.Session, "old", old.Epoch);
        Report(Disk, 8192, 512);
        Assert.Equal(1, Ledger.Count($"notices WHERE state = 0 AND instance = {old.Instance}"));
        Holder there = Put("new", Other, Half);
        Registry.Moved(Ledger.Session, there.Instance!.Value, "root");
        Assert.Equal(0, Ledger.Count("notices WHERE state IN (0, 1) AND device = 1"));
        Assert.Equal(2, Ledger.Count("notices WHERE state = 2 AND device = 1 AND gap LIKE '%moved%'"));
        Assert.Equal(2, Ledger.Count("notices WHERE state = 1 AND device = 2"));
        Holder moved = HolderRows.Find(Ledger.Session, "new")!;
        Assert.Equal(
            [2, 2], Feed.HolderPage(Ledger.Session, moved, 0, 10).Items.Select(item => (int)item.Notice.Device));
    }

    [Fact]
    public void C6_what_reaches_over_a_claim_that_became_shorter_waits_for_nobody()
    {
        Holder claimed = Put("fs", Disk, Half, HolderState.Claimed);
        Report(Disk, (Half / 2) - 512, 1024);
        Assert.Equal(1, Ledger.Count("notices WHERE state = 0 AND instance IS NULL"));
        Holder live = Put("fs", Disk, Half / 2, HolderState.Live, claimed.Epoch);
        Assert.Equal(0, Ledger.Count("notices WHERE state = 0"));
        // It hears of its half.
        FeedItem told = Assert.Single(Feed.HolderPage(Ledger.Session, live, 0, 10).Items);
        Assert.Equal(new ByteRange((Half / 2) - 512, 512), told.Notice.Range);
    }

    [Fact]
    public void C10_a_filesystem_that_became_shorter_is_not_asked_about_its_former_end()
    {
        Holder live = Put("fs", Disk, Half);
        Report(Disk, Half - 512, 512);
        live = Put("fs", Disk, Half / 2, HolderState.Live, live.Epoch);
        Assert.Equal(1, Ledger.Count("notices WHERE state = 2 AND gap LIKE '%any more'"));
        Assert.Equal(1, Ledger.Count("failures WHERE open AND instance IS NULL"));
        Report(Disk, Half - 512, 512, medium: MediumState.Confirmed);
        Assert.Equal(0, Ledger.Count($"notices WHERE state IN (0, 1) AND instance = {live.Instance}"));
    }

    /// <summary>C2, C6: whose lease is over is in nobody's way, also where nobody has looked since.</summary>
    [Fact]
    public void C6_a_dead_holder_does_not_keep_a_filesystem_where_it_was()
    {
        Put("old", Disk, Half);
        Time.Pass(TimeSpan.FromSeconds(50));
        Holder there = Put("new", Other, Half);
        long candidate = there.Instance!.Value;
        Assert.Equal(
            HolderRefusal.HeldBy,
            Assert.Throws<HolderRefusedException>(() => Registry.Moved(Ledger.Session, candidate, "root")).Refusal);
        Time.Pass(TimeSpan.FromSeconds(15));
        Registry.Moved(Ledger.Session, candidate, "root");
        Assert.NotEqual(candidate, HolderRows.Find(Ledger.Session, "new")!.Instance);
    }

    private Holder Put(
        string name, DeviceIdentity device, long length, HolderState state = HolderState.Live, long? epoch = null) =>
        Put(Claim(name, device, 0, length, state, epoch));
}
