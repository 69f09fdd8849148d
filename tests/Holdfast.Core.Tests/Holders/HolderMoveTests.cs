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
public sealed class HolderMoveTests : IDisposable
{
    private const long Half = 1 << 20;
    private static readonly DeviceIdentity Disk = new("serial:1", true, "/dev/sda", 2 * Half);
    private static readonly DeviceIdentity Other = new("serial:2", true, "/dev/sdb", 2 * Half);

    private readonly SimulatedTime _time = new();
    private readonly MemoryLedger _ledger;
    private readonly HolderRegistry _registry;
    private readonly Reconciler _reconciler;
    private int _keys;

    public HolderMoveTests()
    {
        _ledger = new(_time);
        var ids = new FailureIds(_time, new Random(1));
        _registry = new(ids);
        _reconciler = new(ids);
    }

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void C6_what_was_ready_where_it_lay_is_published_and_never_asked_where_it_lies()
    {
        Holder old = Put("old", Disk, Half);
        Report(Disk, 4096);
        Assert.Equal(1, _ledger.Count($"notices WHERE state = 1 AND instance = {old.Instance}"));
        HolderRegistry.Release(_ledger.Session, "old", old.Epoch);
        Report(Disk, 8192);
        Assert.Equal(1, _ledger.Count($"notices WHERE state = 0 AND instance = {old.Instance}"));
        Holder there = Put("new", Other, Half);
        _registry.Moved(_ledger.Session, there.Instance!.Value, "root");
        Assert.Equal(0, _ledger.Count("notices WHERE state IN (0, 1) AND device = 1"));
        Assert.Equal(2, _ledger.Count("notices WHERE state = 2 AND device = 1 AND gap LIKE '%moved%'"));
        Assert.Equal(2, _ledger.Count("notices WHERE state = 1 AND device = 2"));
        Holder moved = HolderRows.Find(_ledger.Session, "new")!;
        Assert.Equal(
            [2, 2], Feed.HolderPage(_ledger.Session, moved, 0, 10).Items.Select(item => (int)item.Notice.Device));
    }

    [Fact]
    public void C6_what_reaches_over_a_claim_that_became_shorter_waits_for_nobody()
    {
        Holder claimed = Put("fs", Disk, Half, HolderState.Claimed);
        Report(Disk, (Half / 2) - 512, 1024);
        Assert.Equal(1, _ledger.Count("notices WHERE state = 0 AND instance IS NULL"));
        Holder live = Put("fs", Disk, Half / 2, HolderState.Live, claimed.Epoch);
        Assert.Equal(0, _ledger.Count("notices WHERE state = 0"));
        // It hears of its half.
        FeedItem told = Assert.Single(Feed.HolderPage(_ledger.Session, live, 0, 10).Items);
        Assert.Equal(new ByteRange((Half / 2) - 512, 512), told.Notice.Range);
    }

    [Fact]
    public void C10_a_filesystem_that_became_shorter_is_not_asked_about_its_former_end()
    {
        Holder live = Put("fs", Disk, Half);
        Report(Disk, Half - 512);
        live = Put("fs", Disk, Half / 2, HolderState.Live, live.Epoch);
        Assert.Equal(1, _ledger.Count("notices WHERE state = 2 AND gap LIKE '%any more'"));
        Assert.Equal(1, _ledger.Count("failures WHERE open AND instance IS NULL"));
        Report(Disk, Half - 512, medium: MediumState.Confirmed);
        Assert.Equal(0, _ledger.Count($"notices WHERE state IN (0, 1) AND instance = {live.Instance}"));
    }

    private Holder Put(
        string name, DeviceIdentity device, long length, HolderState state = HolderState.Live, long? epoch = null) =>
        _registry.Put(_ledger.Session, new()
        {
            Name = name,
            Ranges = [new(device, DeviceRole.Data, new(0, length))],
            State = state,
            Filesystem = state == HolderState.Claimed ? null : new("xfs", "a", null),
            Lease = TimeSpan.FromSeconds(60),
            Epoch = epoch,
        });

    private void Report(
        DeviceIdentity device, long offset, long length = 512, MediumState medium = MediumState.Suspect) =>
        _reconciler.Apply(_ledger.Session, new Report
        {
            Key = $"{_keys++}", Source = "test", Device = device, Medium = medium, Basis = ReportBasis.Error,
            Ranges = ByteRangeSet.From([new(offset, length)]),
        });
}
