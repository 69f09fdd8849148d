// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Holders;

/// <summary>
/// C2, C6. Goal: nobody's acknowledgement settles what another filesystem has not heard. Method: one name, first of one
/// filesystem, then of another; and a number that nobody was told.
/// </summary>
public sealed class HolderAcknowledgementTests : HolderScene
{
    [Fact]
    public void What_was_said_of_the_filesystem_that_had_the_name_before_settles_nothing_of_the_next()
    {
        Holder first = Put(Claim("fs", Disk, 0, Half, HolderState.Live, uuid: "a"));
        Report(Other, 4096, 512);
        Report(Disk, 4096, 512);
        long heard = Assert.Single(Page(first)).Notice.Number;
        HolderRegistry.Release(Ledger.Session, "fs", first.Epoch);
        Holder next = Put(Claim("fs", Other, 0, Half, HolderState.Live, uuid: "b"));
        Report(Other, 8192, 512);
        FeedItem[] its = Page(next);
        Assert.NotEmpty(its);

        Assert.False(Feed.AcknowledgeHolder(Ledger.Session, next.Instance!.Value, heard));
        Assert.False(Feed.AcknowledgeHolder(Ledger.Session, next.Instance.Value, long.MaxValue));
        Assert.Equal(its.Length, Page(next).Length);
        Assert.True(Feed.AcknowledgeHolder(Ledger.Session, next.Instance.Value, its[^1].Notice.Number));
        Assert.Empty(Page(next));
        // Once more, or of before, is no mistake.
        Assert.True(Feed.AcknowledgeHolder(Ledger.Session, next.Instance.Value, its[0].Notice.Number));
        Assert.Empty(Page(next));
    }

    private FeedItem[] Page(Holder holder) =>
        [.. Feed.HolderPage(
            Ledger.Session, holder, Feed.HolderCursor(Ledger.Session, holder.Instance!.Value), 10).Items];
}
