// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Explaining;

namespace Holdfast.Cli.Output;

/// <summary>`holdfast log` for people: a page about the log, and then, if asked for, the log line by line.</summary>
internal static class LogText
{
    private const int IntentsMax = 20;

    public static void Write(
        Stream output, OpenedTarget target, AnswerNotes notes, MountForecast forecast, LogDetail detail,
        Action<ILogListener> explain)
    {
        using IPage page = Terminal.OpenPage(output);
        StructuresReady ready = target.Recovered.Ready;
        var name = new Styled(VisibleText.Of(target.Path), Tone.Heading);
        string place = ready.LogPlace.Device == Failures.DeviceRole.Data
            ? $"at byte {ready.LogPlace.Offset}"
            : "on another device";
        page.Text(name, $": log of {ByteText.Of(ready.LogPlace.Length)}, {place}");
        WriteState(page, ready);
        WriteRecovery(page, target.Recovered);
        MountText.Write(page, forecast);
        foreach (string gap in notes.Gaps) page.Text(new Styled(VisibleText.Of(gap), Tone.Bad));
        if (!detail.IsAsked) return;
        page.Heading(detail.Items ? "Transactions and items" : detail.Transactions ? "Transactions" : "Records");
        explain(new Lister(page, detail));
    }

    /// <summary>Head and tail with their sequence numbers, which are a cycle and a block of it.</summary>
    public static void WriteState(IPage page, StructuresReady ready)
    {
        LogState log = ready.Log;
        page.Pair("state", StateText(log));
        if (log.Kind is LogStateKind.Damaged or LogStateKind.NotSupplied) return;
        page.Pair("head", Place(log.Head));
        page.Pair("tail", Place(log.Tail));
        if (log.LastRecord is { } last) page.Pair("last record", Place(last));
        long active = log.ActiveBytes(ready.LogPlace).Sum(range => range.Length);
        if (log.Kind == LogStateKind.Dirty) page.Pair("active", ByteText.Of(active));
        if (log.HeadBeforeTornWrite is { } torn)
        {
            page.Pair("torn", $"the last writes did not arrive: the log would have ended at block {torn}");
        }

        if (log.TailBeforeOverwrite is { } named)
        {
            page.Pair("tail moved", $"from block {named}, which writes after it had begun to overwrite");
        }
    }

    /// <summary>What a mount will do with the log.</summary>
    public static string StateText(LogState log) => log.Kind switch
    {
        LogStateKind.Clean when log.HasUnmountRecord => "clean: the filesystem was unmounted; there is nothing to do",
        LogStateKind.Clean => "clean: there is nothing to recover",
        LogStateKind.Zeroed => "zeros: there is nothing to recover",
        LogStateKind.Dirty => "dirty: a mount recovers it first",
        LogStateKind.Damaged => "damaged: its ends cannot be found",
        _ => "not known: it is on another device (--log-device)",
    };

    private static void WriteRecovery(IPage page, RecoveredVolume recovered)
    {
        if (recovered.Replayed is not { } replayed) return;
        RecoveryCounts counts = replayed.Counts;
        page.Heading("What recovery does");
        page.Pair("records", $"{counts.Records:N0}");
        page.Pair("transactions", $"{counts.Transactions:N0}{Uncommitted(counts)}");
        page.Pair("items", $"{counts.Items:N0}");
        page.Pair("buffers", Verdicts(counts.BuffersRecovered, counts.BuffersSkipped, counts.BuffersCancelled));
        page.Pair("inodes", Verdicts(counts.InodesRecovered, counts.InodesSkipped, counts.InodesCancelled));
        if (counts.InodeChunksCreated > 0) page.Pair("inode chunks", $"{counts.InodeChunksCreated:N0} created");
        page.Pair("changes", $"{ByteText.Of(replayed.Overlay.RecoveredBytes)} of metadata, in memory");
        string intents = $"{counts.Intents:N0}, {replayed.OpenIntents.Count:N0} of them open";
        if (counts.DoneWithoutIntent > 0) intents += $"; {counts.DoneWithoutIntent:N0} done that began before the tail";
        page.Pair("intents", intents);
        for (int i = 0; i < Math.Min(IntentsMax, replayed.OpenIntents.Count); i++)
        {
            page.Line(["                      "], IntentWords.Of(replayed.OpenIntents[i]));
        }

        if (replayed.OpenIntents.Count > IntentsMax)
        {
            page.Line(["                      "], $"… and {replayed.OpenIntents.Count - IntentsMax:N0} more");
        }

        if (recovered.View != RecoveryDepth.Mounted) return;
        page.Pair("unlinked inodes", $"{recovered.Finished.InodesFreed:N0} freed");
        long taken = recovered.Finished.AllocatedByRecovery.TotalLength;
        if (taken > 0) page.Pair("takes", $"{ByteText.Of(taken)} of free space for itself");
    }

    private static string Place(LogSequenceNumber lsn) => $"cycle {lsn.Cycle}, log block {lsn.Block}";

    private static string Uncommitted(RecoveryCounts counts) =>
        counts.Uncommitted > 0 ? $", and {counts.Uncommitted:N0} without a commit: passed over" : "";

    private static string Verdicts(long recovered, long skipped, long cancelled) =>
        $"{recovered:N0} replayed, {skipped:N0} skipped (newer on the device), {cancelled:N0} cancelled (freed later)";

    private sealed class Lister(IPage page, LogDetail detail) : ILogListener
    {
        public void Record(in ExplainedRecord record)
        {
            if (!detail.Records) return;
            page.Text($"record {record.Lsn}: {record.Operations} operations, {record.Length} bytes, "
                + $"tail {record.TailLsn}");
        }

        public void Transaction(ExplainedTransaction transaction)
        {
            if (!detail.Transactions) return;
            string end = transaction.IsCommitted ? $"committed in {transaction.CommitLsn}" : "never committed";
            page.Text($"transaction {transaction.Id:x8} from {transaction.StartLsn}: "
                + $"{ByteText.Count(transaction.Items.Count, "item", "items")}, {end}");
            if (!detail.Items) return;
            foreach (ExplainedItem item in transaction.Items) Write(item, transaction.IsCommitted);
        }

        private void Write(ExplainedItem item, bool isCommitted)
        {
            string fate = !isCommitted ? "passed over" : item.Fate switch
            {
                ItemFate.Replayed => "replayed",
                ItemFate.Skipped => "skipped: newer on the device",
                ItemFate.Cancelled => "cancelled: freed later",
                _ => "",
            };
            string what = item.Inode is { } inode ? $"inode {inode}: {item.Text}"
                : item.IntentId is { } id ? $"{id:x}: {item.Text}"
                : item.Text;
            string where = item.Offset is { } offset && item.Inode is null ? $" at byte {offset}+{item.Length}" : "";
            page.Line([$"  {item.Type,-8} "], $"{what}{where}{(fate.Length > 0 ? $" ({fate})" : "")}");
        }
    }
}
