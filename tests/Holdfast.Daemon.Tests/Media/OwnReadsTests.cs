// SPDX-License-Identifier: Apache-2.0
using Holdfast.Daemon.Media;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Failures;

namespace Holdfast.Daemon.Tests.Media;

/// <summary>
/// What the daemon reads itself is no news while it reads it, and for a moment after a read that failed.
/// </summary>
public sealed class OwnReadsTests
{
    private const string Disk = "serial:T";
    private static readonly ByteRangeSet Asked = ByteRangeSet.From([new(0, 8192)]);

    private readonly HandTime _time = new();

    [Fact]
    public void An_echo_is_no_news_and_what_lies_beside_it_is()
    {
        var own = new OwnReads(_time);
        OwnReads.Read read = own.Begin(Disk, ByteRangeSet.From([new(4096, 4096)]));
        Assert.Equal(ByteRangeSet.From([new(0, 4096)]), own.News(Disk, Asked));
        Assert.Equal(Asked, own.News("serial:OTHER", Asked));
        own.End(read);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ByteRangeSet.From([new(0, 4096)]), own.News(Disk, Asked));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Asked, own.News(Disk, Asked));
    }

    [Fact]
    public void A_read_that_gave_all_has_no_echo()
    {
        var own = new OwnReads(_time);
        OwnReads.Read first = own.Begin(Disk, Asked);
        OwnReads.Read second = own.Begin(Disk, Asked);
        own.End(first, isGood: true);
        Assert.Empty(own.News(Disk, Asked));
        own.End(second, isGood: true);
        Assert.Equal(Asked, own.News(Disk, Asked));
    }
}
