// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Explaining;

namespace Holdfast.Cli.Output;

/// <summary>holdfast.log/1 (docs/log.schema.json), streaming: a log has millions of items.</summary>
internal static class LogJson
{
    private const string Schema = "holdfast.log/1";
    private const int PendingBytesMax = 1 << 15;

    public static void Write(
        Stream stream, OpenedTarget target, AnswerNotes notes, MountForecast forecast, LogDetail detail,
        Action<ILogListener> explain)
    {
        bool complete = target.Recovered.IsComplete;
        JsonAnswer.Write(stream, Schema, target, notes, complete, json =>
        {
            WriteState(json, "log"u8, target.Recovered.Ready);
            if (target.Recovered.Replayed is { } replayed) WriteRecovery(json, replayed, target.Recovered.Finished);
            WriteMount(json, forecast);
            if (!detail.IsAsked) return;
            if (detail.Records)
            {
                json.WriteStartArray("records"u8);
                explain(new Lister(json, new(Records: true, false, false)));
                json.WriteEndArray();
            }

            if (!detail.Transactions) return;
            json.WriteStartArray("transactions"u8);
            explain(new Lister(json, detail with { Records = false }));
            json.WriteEndArray();
        });
    }

    /// <summary>What info and log both say of it.</summary>
    public static void WriteState(Utf8JsonWriter json, ReadOnlySpan<byte> name, StructuresReady ready)
    {
        LogState log = ready.Log;
        json.WriteStartObject(name);
        json.WriteString("state"u8, LogCheck.Word(log));
        json.WriteString("device"u8, Words.Of(ready.LogPlace.Device));
        json.WriteNumber("offset"u8, ready.LogPlace.Offset);
        json.WriteNumber("length"u8, ready.LogPlace.Length);
        if (log.Kind is not (LogStateKind.Damaged or LogStateKind.NotSupplied))
        {
            WriteLsn(json, "head"u8, log.Head);
            WriteLsn(json, "tail"u8, log.Tail);
            if (log.LastRecord is { } last) WriteLsn(json, "last_record"u8, last);
            json.WriteBoolean("unmounted"u8, log.HasUnmountRecord);
            json.WriteStartArray("active"u8);
            foreach (ByteRange range in log.ActiveBytes(ready.LogPlace)) WriteRange(json, range);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static void WriteMount(Utf8JsonWriter json, MountForecast forecast)
    {
        json.WriteStartObject("mount"u8);
        json.WriteBoolean("will_mount"u8, forecast.WillMount);
        json.WriteBoolean("will_mount_read_only"u8, forecast.WillMountReadOnly);
        json.WriteStartArray("obstacles"u8);
        foreach (MountObstacle obstacle in forecast.Obstacles)
        {
            json.WriteStartObject();
            json.WritePropertyName("fault"u8);
            ReportJson.WriteFault(json, obstacle.Why);
            json.WriteString("effect"u8, Word(obstacle.Effect));
            json.WriteString("consequence"u8, obstacle.Consequence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("bad_active_log_bytes"u8, forecast.BadActiveLog.TotalLength);
        json.WriteNumber("bad_inactive_log_bytes"u8, forecast.BadInactiveLog.TotalLength);
        if (forecast.Loss is { } loss)
        {
            json.WriteStartObject("repair_would_lose"u8);
            json.WriteNumber("bytes"u8, loss.Bytes);
            if (loss.Transactions is { } transactions) json.WriteNumber("transactions"u8, transactions);
            if (loss.Items is { } items) json.WriteNumber("items"u8, items);
            if (loss.OpenIntents is { } intents) json.WriteNumber("open_intents"u8, intents);
            if (loss.Inodes is { } inodes) json.WriteNumber("inodes"u8, inodes);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Word(MountEffect effect) => effect switch
    {
        MountEffect.Fails => "fails",
        MountEffect.FailsForWriting => "fails_for_writing",
        _ => "goes_on",
    };

    private static void WriteRecovery(Utf8JsonWriter json, RecoveredLog replayed, FinishedRecovery finished)
    {
        RecoveryCounts counts = replayed.Counts;
        json.WriteStartObject("recovery"u8);
        json.WriteNumber("records"u8, counts.Records);
        json.WriteNumber("transactions"u8, counts.Transactions);
        json.WriteNumber("uncommitted"u8, counts.Uncommitted);
        json.WriteNumber("items"u8, counts.Items);
        json.WriteNumber("buffers_replayed"u8, counts.BuffersRecovered);
        json.WriteNumber("buffers_skipped"u8, counts.BuffersSkipped);
        json.WriteNumber("buffers_cancelled"u8, counts.BuffersCancelled);
        json.WriteNumber("inodes_replayed"u8, counts.InodesRecovered);
        json.WriteNumber("inodes_skipped"u8, counts.InodesSkipped);
        json.WriteNumber("inodes_cancelled"u8, counts.InodesCancelled);
        json.WriteNumber("inode_chunks_created"u8, counts.InodeChunksCreated);
        json.WriteNumber("dquots_replayed"u8, counts.DquotsRecovered);
        json.WriteNumber("done_without_intent"u8, counts.DoneWithoutIntent);
        json.WriteNumber("recovered_bytes"u8, replayed.Overlay.RecoveredBytes);
        json.WriteStartArray("open_intents"u8);
        foreach (LoggedIntent intent in replayed.OpenIntents)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, intent.Id);
            WriteLsn(json, "lsn"u8, intent.Lsn);
            json.WriteString("what"u8, IntentWords.Of(intent));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("intents_finished"u8, finished.IntentsFinished);
        json.WriteNumber("unlinked_inodes_freed"u8, finished.InodesFreed);
        json.WriteStartArray("allocated_by_recovery"u8);
        foreach (ByteRange range in finished.AllocatedByRecovery) WriteRange(json, range);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLsn(Utf8JsonWriter json, ReadOnlySpan<byte> name, LogSequenceNumber lsn)
    {
        json.WriteStartObject(name);
        json.WriteNumber("cycle"u8, lsn.Cycle);
        json.WriteNumber("block"u8, lsn.Block);
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, ByteRange range)
    {
        json.WriteStartObject();
        json.WriteNumber("offset"u8, range.Offset);
        json.WriteNumber("length"u8, range.Length);
        json.WriteEndObject();
    }

    private sealed class Lister(Utf8JsonWriter json, LogDetail detail) : ILogListener
    {
        public void Record(in ExplainedRecord record)
        {
            if (!detail.Records) return;
            json.WriteStartObject();
            WriteLsn(json, "lsn"u8, record.Lsn);
            WriteLsn(json, "tail"u8, record.TailLsn);
            json.WriteNumber("bytes"u8, record.Length);
            json.WriteNumber("operations"u8, record.Operations);
            json.WriteEndObject();
            if (json.BytesPending > PendingBytesMax) json.Flush();
        }

        public void Transaction(ExplainedTransaction transaction)
        {
            if (!detail.Transactions) return;
            json.WriteStartObject();
            json.WriteNumber("id"u8, transaction.Id);
            WriteLsn(json, "start"u8, transaction.StartLsn);
            json.WriteBoolean("committed"u8, transaction.IsCommitted);
            if (transaction.IsCommitted) WriteLsn(json, "commit"u8, transaction.CommitLsn);
            json.WriteNumber("item_count"u8, transaction.Items.Count);
            if (detail.Items)
            {
                json.WriteStartArray("items"u8);
                foreach (ExplainedItem item in transaction.Items) Write(item, transaction.IsCommitted);
                json.WriteEndArray();
            }

            json.WriteEndObject();
            if (json.BytesPending > PendingBytesMax) json.Flush();
        }

        private void Write(ExplainedItem item, bool isCommitted)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, item.Type);
            json.WriteString("what"u8, item.Text);
            json.WriteString("fate"u8, !isCommitted ? "passed_over" : item.Fate switch
            {
                ItemFate.Replayed => "replayed",
                ItemFate.Skipped => "skipped",
                ItemFate.Cancelled => "cancelled",
                _ => "noted",
            });
            json.WriteNumber("regions"u8, item.Regions);
            json.WriteNumber("bytes"u8, item.Bytes);
            if (item.Offset is { } offset) json.WriteNumber("offset"u8, offset);
            if (item.Length is { } length) json.WriteNumber("length"u8, length);
            if (item.Inode is { } inode) json.WriteNumber("inode"u8, inode);
            if (item.IntentId is { } id) json.WriteNumber("intent"u8, id);
            json.WriteEndObject();
        }
    }
}
