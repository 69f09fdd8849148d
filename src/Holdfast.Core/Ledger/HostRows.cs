// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Ledger;

/// <summary>Whose ledger this is: an id made once, and what the host is called now.</summary>
public sealed record LedgerHost(Guid Id, string Name);

/// <summary>The host in the ledger, which goes with every record that leaves it.</summary>
internal static class HostRows
{
    /// <summary>Gives the ledger its host id where it has none yet, and the host its name of today.</summary>
    internal static LedgerHost Ensure(LedgerSession session, FailureIds ids, string name)
    {
        session.Execute("INSERT OR IGNORE INTO meta VALUES ('host_id', ?1)", ids.Next());
        session.Execute("INSERT INTO meta VALUES ('host_name', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1", name);
        return Find(session)!;
    }

    internal static LedgerHost? Find(LedgerSession session) => FindId(session) is { } id
        ? new(id, session.Scalar<string>("SELECT value FROM meta WHERE name = 'host_name'") ?? "")
        : null;

    internal static Guid? FindId(LedgerSession session) =>
        session.Scalar<byte[]>("SELECT value FROM meta WHERE name = 'host_id'") is { Length: 16 } bytes
            ? new Guid(bytes, bigEndian: true)
            : null;
}
