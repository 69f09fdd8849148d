// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Intake;

/// <summary>What an administrator says of one failure. Works inside one ledger transaction.</summary>
internal sealed class FailureActions(FailureIds ids)
{
    /// <summary>Root's own probe read it and it failed: what was unknown is lost.</summary>
    /// <exception cref="FailureNotFoundException">No such failure, or it is part of another one now.</exception>
    internal FailureRevision Confirm(LedgerSession session, Guid id, string by, string? note)
    {
        Failure failure = Find(session, id);
        return Change(session, failure, by, "confirmed", NoticeCause.Confirmed, note, facts => facts with
        {
            Medium = MediumState.Confirmed,
            Content = facts.Content == ContentState.Unknown && facts.Instance is not null
                ? ContentState.Lost
                : facts.Content,
        });
    }

    /// <summary>The content is settled. That says nothing of the medium (C5).</summary>
    internal FailureRevision Clear(LedgerSession session, Guid id, ContentState how, string by, string? note)
    {
        if (how is ContentState.Lost or ContentState.Unknown) throw new ArgumentOutOfRangeException(nameof(how));
        Failure failure = Find(session, id);
        string what = how switch
        {
            ContentState.Rewritten => "rewritten",
            ContentState.Restored => "restored",
            _ => "dismissed",
        };
        return Change(
            session, failure, by, what, NoticeCause.Settled, note, facts => facts with { Content = how });
    }

    /// <summary>Somebody takes care of it. Nothing about it has changed, so nobody is told.</summary>
    internal FailureRevision Acknowledge(LedgerSession session, Guid id, string owner, string? note)
    {
        Failure failure = Find(session, id);
        Failure after = failure with { Owner = owner, Note = note, Revision = failure.Revision + 1 };
        FailureRows.Update(session, after);
        ChangeOf(session, failure, owner, "acknowledged", NoticeCause.Settled, note)
            .History(after, after.Range, "acknowledged", note);
        return new(after.Id, after.Revision);
    }

    private FailureRevision Change(
        LedgerSession session, Failure failure, string by, string what, NoticeCause cause, string? note,
        Func<FailureFacts, FailureFacts> change)
    {
        if (!failure.IsActive) throw new FailureNotFoundException(failure.Id, failure.MergedInto, isSettled: true);
        FailureChange written = ChangeOf(session, failure, by, what, cause, note);
        List<FailureRevision> touched = written.Apply(
            Territory.Of(session, failure.Device), failure.Range, before => before is { } facts ? change(facts) : null);
        return touched[0];
    }

    private FailureChange ChangeOf(
        LedgerSession session, Failure failure, string by, string what, NoticeCause cause, string? note) =>
        new(session, ids, failure.Device, failure.Kind, by, what, cause, IsCounted: false, note);

    private static Failure Find(LedgerSession session, Guid id)
    {
        Failure failure = FailureRows.Find(session, id) ?? throw new FailureNotFoundException(id, null, false);
        if (failure.MergedInto is { } into) throw new FailureNotFoundException(id, into, false);
        return failure;
    }
}
