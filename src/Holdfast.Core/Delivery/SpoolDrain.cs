// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Brings what was offered into the ledger, in order. While the ledger is away everything that waits is told at once to
/// whoever listens (C1), and nobody who is told is waited for (C11).
/// </summary>
internal sealed class SpoolDrain(
    ReportSpool spool, TimeProvider time, Func<Report, CancellationToken, Task> take, Action<FeedItem> tell)
{
    /// <summary>Ranges of one report told of before it is durable; all are told of afterwards.</summary>
    private const int RangesMax = 1000;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private readonly Signal _signal = new();

    internal void Wake() => _signal.Raise();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (spool.TryPeek(out Report? report))
            {
                try
                {
                    await take(report!, cancellationToken);
                    spool.Remove();
                }
                catch (Exception fault) when (fault is LedgerUnavailableException or LedgerFormatException)
                {
                    foreach (Report untold in spool.TakeUntold()) Tell(untold);
                    await _signal.WaitAsync(Round, time, cancellationToken);
                }
                catch (Exception) when (!cancellationToken.IsCancellationRequested)
                {
                    spool.Reject();
                }
            }

            await _signal.WaitAsync(cancellationToken);
        }
    }

    private void Tell(Report report)
    {
        foreach (ByteRange range in report.Ranges.Take(RangesMax))
        {
            var notice = new Notice
            {
                Number = 0, Failure = Guid.Empty, Revision = 0, Cause = NoticeCause.Reported,
                State = NoticeState.Ready, Device = 0, Range = range, Kind = report.Kind, Medium = report.Medium,
                Content = ContentState.Unknown, Time = time.GetUtcNow(), IsDurable = false,
                Gap = "the ledger cannot be written: this was not looked up",
            };
            tell(new(notice, report.Device, null));
        }
    }
}
