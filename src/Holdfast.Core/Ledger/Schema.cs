// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>
/// The ledger's tables, one migration a version; a migration that has shipped is never changed, a new one follows it.
/// Times are microseconds since 1970 (UTC), ids are the 16 bytes of a UUIDv7, ranges and lengths are bytes, states are
/// the numbers of the enums in Records/, which are therefore only ever added to.
/// </summary>
internal static class Schema
{
    /// <summary>Migration i leads from version i to i + 1.</summary>
    internal static readonly string[] Migrations = [First, Places];

    private const string First = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        -- The last place given out in the feed, and the last that was trimmed: rows come and go, these do not.
        INSERT INTO meta VALUES ('sequence', 0), ('trimmed', 0);
        -- Tells this ledger from another one under the same path.
        INSERT INTO meta VALUES ('ledger_id', lower(hex(randomblob(16))));

        CREATE TABLE devices (
            id INTEGER PRIMARY KEY,
            identity TEXT NOT NULL UNIQUE,
            stable INTEGER NOT NULL,
            name TEXT NOT NULL,
            size INTEGER,
            seen INTEGER NOT NULL);

        -- A filesystem instance: UUIDs and where it lies. cursor: its holder has acknowledged notices up to this
        -- number, whatever the holder is called the next time.
        CREATE TABLE instances (
            id INTEGER PRIMARY KEY,
            type TEXT NOT NULL,
            uuid TEXT NOT NULL,
            metadata_uuid TEXT,
            candidate_of INTEGER,
            replaced_by INTEGER,
            cursor INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL);
        CREATE INDEX instances_uuid ON instances (uuid);
        CREATE INDEX instances_moved ON instances (replaced_by) WHERE candidate_of = replaced_by;
        CREATE TABLE instance_ranges (
            instance INTEGER NOT NULL,
            device INTEGER NOT NULL,
            role INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            PRIMARY KEY (instance, device, offset)) WITHOUT ROWID;
        CREATE INDEX instance_ranges_device ON instance_ranges (device, offset);

        CREATE TABLE claims (
            name TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL,
            state INTEGER NOT NULL,
            instance INTEGER,
            decisions INTEGER NOT NULL,
            lease_us INTEGER NOT NULL,
            lease_ends INTEGER NOT NULL) WITHOUT ROWID;
        -- Epochs outlive their claims, so that late words are told from new ones.
        CREATE TABLE epochs (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE claim_ranges (
            name TEXT NOT NULL,
            device INTEGER NOT NULL,
            role INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            PRIMARY KEY (device, offset)) WITHOUT ROWID;

        -- Keys of reports already taken, so that a retry is not a second report.
        CREATE TABLE reports (
            key TEXT PRIMARY KEY,
            seq INTEGER NOT NULL,
            time INTEGER NOT NULL,
            failures BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX reports_time ON reports (time);

        CREATE TABLE failures (
            id BLOB PRIMARY KEY,
            revision INTEGER NOT NULL,
            device INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            medium INTEGER NOT NULL,
            content INTEGER NOT NULL,
            instance INTEGER,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            count INTEGER NOT NULL,
            sources TEXT NOT NULL,
            merged_into BLOB,
            superseded INTEGER NOT NULL DEFAULT 0,
            open INTEGER NOT NULL,
            active INTEGER NOT NULL,
            owner TEXT,
            note TEXT) WITHOUT ROWID;
        CREATE UNIQUE INDEX failures_active ON failures (device, kind, offset) WHERE active;
        -- With the length, so that what is open is counted and added up from the index alone.
        CREATE INDEX failures_open ON failures (id, length, open) WHERE open;
        CREATE INDEX failures_closed ON failures (id) WHERE NOT open;
        CREATE INDEX failures_device ON failures (device, id);
        CREATE INDEX failures_instance ON failures (instance, id) WHERE instance IS NOT NULL;

        -- What happened to a failure. It is the outbox too: who exports to elsewhere reads it by seq.
        CREATE TABLE history (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            failure BLOB NOT NULL,
            revision INTEGER NOT NULL,
            time INTEGER NOT NULL,
            what TEXT NOT NULL,
            source TEXT NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            note TEXT);
        CREATE INDEX history_failure ON history (failure, seq);
        -- Who exports, and up to where: what they have not got is not trimmed while they come back now and then.
        CREATE TABLE exporters (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE notices (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            sequence INTEGER,
            failure BLOB NOT NULL,
            revision INTEGER NOT NULL,
            cause INTEGER NOT NULL,
            state INTEGER NOT NULL,
            device INTEGER NOT NULL,
            instance INTEGER,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            medium INTEGER NOT NULL,
            content INTEGER NOT NULL,
            time INTEGER NOT NULL,
            replayed INTEGER NOT NULL DEFAULT 0,
            complete INTEGER NOT NULL DEFAULT 0,
            gap TEXT,
            impacts BLOB);
        CREATE UNIQUE INDEX notices_sequence ON notices (sequence) WHERE sequence IS NOT NULL;
        CREATE INDEX notices_ready ON notices (instance, number) WHERE state = 1;
        CREATE INDEX notices_waiting ON notices (instance, number) WHERE state = 0;
        CREATE INDEX notices_overdue ON notices (cause, time) WHERE state = 0;
        CREATE INDEX notices_instance ON notices (instance, number) WHERE instance IS NOT NULL;
        CREATE INDEX notices_failure ON notices (failure, number);

        CREATE TABLE parties (
            name TEXT PRIMARY KEY,
            kind INTEGER NOT NULL,
            path BLOB,
            fs TEXT,
            owner TEXT,
            severity TEXT,
            cursor INTEGER NOT NULL,
            scanned INTEGER NOT NULL,
            seen INTEGER NOT NULL,
            expire_days INTEGER) WITHOUT ROWID;

        -- Only of parties whose outcome is more than "behind their cursor".
        CREATE TABLE deliveries (
            party TEXT NOT NULL,
            notice INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            instance INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_attempt INTEGER,
            reason TEXT,
            rule TEXT,
            config TEXT,
            updated INTEGER NOT NULL,
            -- The last attempt at it: one attempt may be at several, with those of others in between.
            attempt INTEGER,
            PRIMARY KEY (party, sequence)) WITHOUT ROWID;
        CREATE INDEX deliveries_due ON deliveries (party, instance, sequence) WHERE state IN (0, 2);
        CREATE INDEX deliveries_notice ON deliveries (notice);
        CREATE INDEX deliveries_troubled ON deliveries (state) WHERE state IN (7, 8);

        CREATE TABLE attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            party TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            through INTEGER NOT NULL,
            policy TEXT NOT NULL,
            once INTEGER NOT NULL,
            -- Whether its rule acts: those are counted, hour by hour.
            acts INTEGER NOT NULL,
            run TEXT NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome INTEGER,
            detail TEXT);
        CREATE INDEX attempts_open ON attempts (party) WHERE ended IS NULL;
        CREATE INDEX attempts_acts ON attempts (started) WHERE acts;
        CREATE INDEX attempts_delivery ON attempts (party, sequence);

        CREATE TABLE silences (
            name TEXT PRIMARY KEY,
            path BLOB,
            fs TEXT,
            device INTEGER,
            until INTEGER NOT NULL,
            owner TEXT NOT NULL,
            note TEXT) WITHOUT ROWID;
        """;

    private const string Places = """
        -- Where bytes of a claimed device lie on a device below it: a fault that is heard at both is the lower one's.
        CREATE TABLE places (
            claim TEXT NOT NULL,
            above INTEGER NOT NULL,
            above_offset INTEGER NOT NULL,
            below INTEGER NOT NULL,
            below_offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            PRIMARY KEY (claim, above, above_offset)) WITHOUT ROWID;
        CREATE INDEX places_above ON places (above, above_offset);
        CREATE INDEX places_above_length ON places (above, length);
        CREATE INDEX places_below ON places (below, below_offset);
        CREATE INDEX places_below_length ON places (below, length);
        """;
}
