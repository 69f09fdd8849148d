// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Intake;

/// <summary>
/// C8 for a device that was read through: what did not read is confirmed, what read is taken back, where it was looked
/// at and only what was known before.
/// </summary>
public sealed class ScanReportTests : IDisposable
{
    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1 << 30);

    private readonly MovedTime _time = new();
    private readonly MemoryLedger _ledger;
    private readonly Reconciler _reconciler;
    private int _keys;

    public ScanReportTests()
    {
        _ledger = new(_time);
        _reconciler = new(new FailureIds(_time, new Random(1)));
    }

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void What_reads_is_taken_back_where_it_was_looked_at()
    {
        Error(new(0, 4096));
        Error(new(65536, 8192));
        DateTimeOffset begun = _time.Next();
        // The second half of the second failure was not read.
        Good(begun, new(0, 69632));
        Assert.Equal(
            [(0L, MediumState.Readable, ContentState.Dismissed), (65536, MediumState.Readable, ContentState.Dismissed),
                (69632, MediumState.Suspect, ContentState.Unknown)],
            Facts());
    }

    [Fact]
    public void What_was_heard_of_since_it_began_stays()
    {
        Error(new(0, 4096));
        DateTimeOffset begun = _time.Next();
        Error(new(65536, 4096));
        Error(new(0, 4096));
        Good(begun, new(0, 1 << 20));
        Assert.All(Facts(), fact => Assert.Equal(MediumState.Suspect, fact.Medium));
    }

    [Fact]
    public void The_same_scan_twice_changes_nothing()
    {
        Bad(new(4096, 512));
        Failure first = Assert.Single(Failures());
        Assert.Equal((MediumState.Confirmed, 1L), (first.Medium, first.Count));
        long history = _ledger.Count("history");
        _time.Next();
        Bad(new(4096, 512));
        Good(_time.Next(), new(0, 4096));
        Assert.Equal(first, Assert.Single(Failures()));
        Assert.Equal(history, _ledger.Count("history"));
    }

    private void Error(ByteRange range) => Apply(new()
    {
        Key = $"{_keys++}", Source = "test", Device = Disk, Basis = ReportBasis.Error,
        Ranges = ByteRangeSet.From([range]),
    });

    private void Bad(ByteRange range) => Apply(new()
    {
        Key = $"{_keys++}", Source = "scan:x", Device = Disk, Basis = ReportBasis.Scan, Medium = MediumState.Confirmed,
        Ranges = ByteRangeSet.From([range]),
    });

    private void Good(DateTimeOffset begun, ByteRange range) => Apply(new()
    {
        Key = $"{_keys++}", Source = "scan:x", Device = Disk, Basis = ReportBasis.Scan, IsComplete = true,
        Looked = ByteRangeSet.From([range]), LookedFrom = begun, Ranges = ByteRangeSet.Empty,
    });

    private void Apply(Report report)
    {
        _time.Next();
        _reconciler.Apply(_ledger.Session, report);
    }

    private List<Failure> Failures() => _ledger.Session.Rows(
        $"SELECT {FailureRows.Columns} FROM failures WHERE merged_into IS NULL ORDER BY offset", FailureRows.Of);

    private (long Offset, MediumState Medium, ContentState Content)[] Facts() =>
        [.. Failures().Select(at => (at.Range.Offset, at.Medium, at.Content))];

    private sealed class MovedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        internal DateTimeOffset Next() => _now += TimeSpan.FromSeconds(1);

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
