// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;

namespace Holdfast.Core.Delivery;

/// <summary>The one switch that stops everything which does more than tell (C14). It outlives a restart.</summary>
internal static class Disarm
{
    /// <summary>Who disarmed, in words; null while armed.</summary>
    internal static string? Reason(LedgerSession session) =>
        session.Scalar<string>("SELECT value FROM meta WHERE name = 'disarmed'");

    internal static void Set(LedgerSession session, bool disarmed, string by, string? note)
    {
        if (!disarmed)
        {
            session.Execute("DELETE FROM meta WHERE name = 'disarmed'");
            return;
        }

        string reason = note is null ? $"disarmed by {by}" : $"disarmed by {by}: {note}";
        session.Execute(
            "INSERT INTO meta VALUES ('disarmed', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1", reason);
    }
}
