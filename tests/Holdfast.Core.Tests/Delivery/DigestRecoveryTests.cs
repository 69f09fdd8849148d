// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>
/// C7. Goal: what a crash leaves of a digest says nothing of the notices of other filesystems in between.
/// </summary>
public sealed class DigestRecoveryTests
{
    /// <summary>C7: one of them was attempted, and may not be done twice.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_digest_settles_only_its_own_lane(bool isDigestOnce)
    {
        using var ledger = new MemoryLedger();
        foreach (long sequence in (long[])[1, 2, 3])
        {
            ledger.Session.Execute(
                "INSERT INTO deliveries (party, notice, sequence, instance, state, attempts, updated)"
                + " VALUES ('p', ?1, ?1, ?2, 0, 0, 0)",
                sequence, sequence == 2 ? 8L : 7L);
        }

        DeliveryRows.Begin(ledger.Session, "p", [1, 3], "digest", isDigestOnce, "first run");
        DeliveryRows.Begin(ledger.Session, "p", [2], "single", !isDigestOnce, "first run");
        DeliveryRows.Recover(ledger.Session, "second run");

        DeliveryState digest = isDigestOnce ? DeliveryState.Unknown : DeliveryState.Pending;
        DeliveryState single = isDigestOnce ? DeliveryState.Pending : DeliveryState.Unknown;
        Assert.Equal([digest, single, digest], ledger.Session.Rows(
            "SELECT state FROM deliveries ORDER BY sequence", row => (DeliveryState)row.GetInt64(0)));
    }
}
