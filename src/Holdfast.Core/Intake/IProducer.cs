// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Intake;

/// <summary>
/// Something that reports failures by itself. One a file; run supervised: what it throws is on record, and it is
/// started again after a pause that grows. What it has read of its source it marks as done only once that is accepted,
/// and what it reports again it reports under the same key (C1).
/// </summary>
public interface IProducer
{
    string Name { get; }

    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(IReportIntake intake, CancellationToken cancellationToken);
}

/// <summary>Where producers bring what they know.</summary>
public interface IReportIntake
{
    /// <summary>Durable when the task ends (C1).</summary>
    /// <exception cref="Ledger.LedgerUnavailableException">Not accepted; try again with the same key.</exception>
    Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken);

    /// <summary>For what cannot be refused, as a kernel event: never blocks, never throws; while the ledger is away it
    /// is kept in the bounded spool, delivered at once as not durable, and what does not fit is counted (C1).</summary>
    void Offer(Report report);
}
