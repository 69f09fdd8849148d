// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Queries;

/// <summary>What is open, waiting and broken, in numbers.</summary>
public sealed record NotifierStatus(
    long OpenFailures, long OpenBytes, long Waiting, long PendingDeliveries, long DeadDeliveries,
        long UnknownDeliveries,
    int Holders, int Parties, string? Disarmed, long LastSequence, long LedgerBytes);
