// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Holdfast.Cli.Output;

/// <summary>
/// What the table of failures shows of one. Read member by member: what turns the daemon's page into the contract's
/// types is compiled at each start, and takes longer than the answer.
/// </summary>
/// <param name="Offset">Bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="LastSeen">As the daemon wrote it.</param>
internal sealed record FailureRow(
    string Id, string Device, long Offset, long Length, string Medium, string Content, long Count, string LastSeen)
{
    /// <summary>The rows of a page.</summary>
    /// <exception cref="CommandFailure">It is no page of failures.</exception>
    public static List<FailureRow> AllOf(JsonElement page)
    {
        try
        {
            var rows = new List<FailureRow>();
            foreach (JsonElement item in page.GetProperty("items").EnumerateArray()) rows.Add(Of(item));
            return rows;
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CommandFailure($"the daemon's answer makes no sense: {fault.Message} (bad_answer)");
        }
    }

    private static FailureRow Of(JsonElement item) => new(
        Text(item, "id"), Text(item.GetProperty("device"), "name"), item.GetProperty("offset").GetInt64(),
        item.GetProperty("length").GetInt64(), Text(item, "medium"), Text(item, "content"),
        item.GetProperty("count").GetInt64(), Text(item, "last_seen"));

    private static string Text(JsonElement item, string name) =>
        item.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
}
