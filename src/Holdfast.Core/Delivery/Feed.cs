// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>
/// The feed of all published notices, by sequence, and a holder's own, by number. Sequences are given out without a
/// hole and never twice.
/// </summary>
internal static class Feed
{
    /// <summary>
    /// Notices looked at for one page: a filter that lets little through must not hold a reader for long.
    /// </summary>
    private const int ScanMax = 2000;

    /// <summary>
    /// By the index of what is ready: left to itself, SQLite takes the one of all that the instance ever had, and looks
    /// at each.
    /// </summary>
    internal const string ReadyOfInstance = "SELECT " + NoticeRows.Columns + " FROM notices INDEXED BY notices_ready"
        + " WHERE state = 1 AND instance = ?1 ORDER BY number LIMIT ?2";

    internal static long NextSequence(LedgerSession session) => session.Scalar<long>(
        "UPDATE meta SET value = value + 1 WHERE name = 'sequence' RETURNING value");

    /// <summary>Instances with notices that wait to be resolved: from one to the next by the index, however many
    /// notices each has.</summary>
    internal static List<long> ReadyInstances(LedgerSession session)
    {
        var instances = new List<long>();
        for (long? last = long.MinValue; last is not null;)
        {
            last = session.Scalar<long?>(
                "SELECT min(instance) FROM notices INDEXED BY notices_ready WHERE state = 1 AND instance > ?1",
                last.Value);
            if (last is { } instance) instances.Add(instance);
        }

        return instances;
    }

    /// <summary>Those of an instance, in order.</summary>
    internal static List<Notice> Ready(LedgerSession session, long instance, int limit) =>
        session.Rows(ReadyOfInstance, NoticeRows.Of, instance, (long)limit);

    /// <summary>Brings a notice into the feed with what its filesystem said, unless it is superseded.</summary>
    /// <returns>As it is there now; null where it is not.</returns>
    internal static Notice? Publish(LedgerSession session, Notice notice, ResolvedRange answer)
    {
        bool isReady = session.Scalar<long>("SELECT state FROM notices WHERE number = ?1", notice.Number) == 1;
        if (!isReady) return null;
        Notice published = notice with
        {
            State = NoticeState.Published, Sequence = NextSequence(session), Impacts = answer.Impacts,
            IsComplete = answer.IsComplete, Gap = answer.Gap,
        };
        session.Execute(
            "UPDATE notices SET state = 2, sequence = ?2, impacts = ?3, complete = ?4, gap = ?5 WHERE number = ?1",
            notice.Number, published.Sequence, answer.Impacts.IsEmpty ? null : answer.Impacts.ToArray(),
            answer.IsComplete, answer.Gap);
        return published;
    }

    /// <summary>Brings a notice into the feed that nobody can be asked about.</summary>
    internal static void PublishUnresolved(LedgerSession session, long number, string gap) => session.Execute(
        "UPDATE notices SET state = 2, sequence = ?2, gap = ?3 WHERE number = ?1", number, NextSequence(session), gap);

    /// <summary>What was published unresolved waits on, under another number, to tell more.</summary>
    internal static void WaitFurther(LedgerSession session, long number) => session.Execute(
        """
        INSERT INTO notices (failure, revision, cause, state, device, instance, offset, length, kind, medium, content,
            time)
        SELECT failure, revision, 5, 0, device, instance, offset, length, kind, medium, content, ?2
        FROM notices WHERE number = ?1
        """,
        number, session.Now);

    internal static long LastSequence(LedgerSession session) =>
        session.Scalar<long>("SELECT value FROM meta WHERE name = 'sequence'");

    internal static long Trimmed(LedgerSession session) =>
        session.Scalar<long>("SELECT value FROM meta WHERE name = 'trimmed'");

    /// <summary>What was published after a place.</summary>
    /// <exception cref="TrimmedException">Something in between is not kept any more.</exception>
    internal static FeedPage Page(LedgerSession session, long after, PartyFilter filter, int limit)
    {
        long trimmed = Trimmed(session);
        if (after < trimmed) throw new TrimmedException(trimmed);
        var names = new FeedNames(session);
        var items = new List<FeedItem>();
        long next = after;
        for (int scanned = 0; scanned < ScanMax && items.Count < limit;)
        {
            List<Notice> notices = session.Rows(
                $"SELECT {NoticeRows.Columns} FROM notices WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
                NoticeRows.Of, next, (long)limit);
            foreach (Notice notice in notices)
            {
                next = notice.Sequence!.Value;
                FeedItem item = names.ItemOf(notice);
                if (FilterMatch.Holds(filter, item)) items.Add(item);
                if (items.Count == limit) break;
            }

            scanned += notices.Count;
            if (notices.Count < limit) return new(items, next, true);
        }

        return new(items, next, false);
    }

    /// <summary>
    /// What a holder has not heard of its own instance yet, by number; nothing while it defers (C4). What is only
    /// resolved again is no news to who resolves it, and bytes where its filesystem lay once are not its any more.
    /// </summary>
    internal static FeedPage HolderPage(LedgerSession session, Holder holder, long after, int limit)
    {
        if (holder.Instance is not { } instance || holder.Decision == HolderDecision.Defer) return new([], after, true);
        var names = new FeedNames(session);
        List<FeedItem> items = session.Rows(
            $"""
            SELECT {NoticeRows.Columns} FROM notices
            WHERE instance = ?1 AND number > ?2 AND state <> 3 AND cause <> 5 AND EXISTS (
                SELECT 1 FROM instance_ranges r WHERE r.instance = ?1 AND r.device = notices.device
                    AND r.offset < notices.offset + notices.length AND r.offset + r.length > notices.offset)
            ORDER BY number LIMIT ?3
            """,
            NoticeRows.Of, instance, after, (long)limit).ConvertAll(names.ItemOf);
        return new(items, items.Count > 0 ? items[^1].Notice.Number : after, items.Count < limit);
    }

    internal static long HolderCursor(LedgerSession session, long instance) =>
        session.Scalar<long>("SELECT cursor FROM instances WHERE id = ?1", instance);

    /// <summary>
    /// Everything up to a notice is settled for the instance; never moves back. A notice is one instance's: what is
    /// acknowledged late, by whoever had the name before, is no word of who has it now (C2).
    /// </summary>
    /// <returns>False where the instance was told of no such notice.</returns>
    internal static bool AcknowledgeHolder(LedgerSession session, long instance, long through) =>
        HolderCursor(session, instance) >= through || session.Execute(
            """
            UPDATE instances SET cursor = ?2
            WHERE id = ?1 AND EXISTS (SELECT 1 FROM notices WHERE number = ?2 AND instance = ?1)
            """,
            instance, through) > 0;
}
