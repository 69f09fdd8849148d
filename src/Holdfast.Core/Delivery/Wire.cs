// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Holdfast.Contract;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Records as the wire types have them.</summary>
public static class Wire
{
    public static DeviceJson Of(DeviceIdentity device) =>
        new(device.Identity, device.Name, device.IsStable, device.Size);

    public static FilesystemJson? Of(FilesystemIdentity? filesystem) =>
        filesystem is null ? null : new(filesystem.Type, filesystem.Uuid, filesystem.MetadataUuid);

    /// <param name="seq">The notice's place in the feed it is read from.</param>
    public static NoticeJson Of(FeedItem item, long? seq, long? previous, string? host)
    {
        Notice notice = item.Notice;
        return new()
        {
            Key = KeyOf(item),
            Seq = seq,
            PreviousSeq = previous,
            Failure = notice.Failure,
            Revision = notice.Revision,
            Cause = Words.Of(notice.Cause),
            State = Words.Of(notice.State),
            Time = notice.Time,
            Device = Of(item.Device),
            Fs = Of(item.Filesystem),
            Ranges = [new(notice.Range.Offset, notice.Range.Length)],
            Kind = Words.Of(notice.Kind),
            Medium = Words.Of(notice.Medium),
            Content = Words.Of(notice.Content),
            Replayed = notice.IsReplayed,
            Durable = notice.IsDurable,
            Complete = notice.IsComplete,
            Gap = notice.Gap,
            Impacts = ImpactsOf(notice.Impacts),
            Host = host,
        };
    }

    /// <summary>
    /// The same for every delivery of a notice to whomever. What is not written down yet has no numbers: it is known by
    /// when it was heard of and what it is about.
    /// </summary>
    public static string KeyOf(FeedItem item)
    {
        Notice notice = item.Notice;
        return notice.IsDurable
            ? string.Create(CultureInfo.InvariantCulture, $"{notice.Failure}/{notice.Revision}/{notice.Number}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"not-durable/{notice.Time.UtcTicks}/{item.Device.Identity}/{notice.Range}");
    }

    /// <summary>Null where the record is damaged: everything that is told would break at it.</summary>
    private static JsonElement? ImpactsOf(ReadOnlyMemory<byte> impacts)
    {
        // A document takes texts as they are, and says only when they are written out that they are none.
        if (impacts.IsEmpty || !Utf8.IsValid(impacts.Span)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(impacts);
            bool hasSurrogates = impacts.Span.IndexOf("\\ud"u8) >= 0 || impacts.Span.IndexOf("\\uD"u8) >= 0;
            if (hasSurrogates) WriteOut(document);
            return document.RootElement.Clone();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void WriteOut(JsonDocument document)
    {
        using var nowhere = new Utf8JsonWriter(Stream.Null);
        document.WriteTo(nowhere);
    }
}
