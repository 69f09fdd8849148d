// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Contract;

namespace Holdfast.Client;

/// <summary>Bytes of one file that are lost, or may be.</summary>
/// <param name="Offset">In the file.</param>
/// <param name="Notice">What is known of them.</param>
public sealed record LostBytes(string Path, long Offset, long Length, NoticeJson Notice);

/// <summary>
/// A program's own subscription: it registers itself as a party, hears of failures of its files, and goes on where it
/// stopped after a restart of either side. Nothing is lost between two connections: the daemon keeps the place that was
/// acknowledged.
/// </summary>
public sealed class NoticeSubscription(DaemonClient client, string party, FilterJson filter)
{
    private static readonly TimeSpan WaitFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private long? _last;

    /// <summary>For failures that hit a file, or any file under a folder.</summary>
    /// <param name="name">The party's name: the same at each start, so that it goes on where it was.</param>
    public static NoticeSubscription ForPath(DaemonClient client, string name, string path)
    {
        FilePlace place = FilePlace.Of(path);
        return new(client, name, place.Filter);
    }

    /// <summary>For failures that hit a file this program has open, whatever it is called.</summary>
    public static NoticeSubscription ForFile(
        DaemonClient client, string name, Microsoft.Win32.SafeHandles.SafeFileHandle file) =>
        ForPath(client, name, FilePlace.PathOf(file));

    /// <summary>
    /// All notices that the filter lets through, one after the other; reconnects by itself until cancelled.
    /// </summary>
    public async IAsyncEnumerable<NoticeJson> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        TimeSpan wait = WaitFirst;
        while (true)
        {
            await using IAsyncEnumerator<NoticeJson> stream =
                ConnectAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await stream.MoveNextAsync()) break;
                }
                catch (Exception fault) when (IsPassing(fault) && !cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                wait = WaitFirst;
                if (stream.Current.Seq is { } place) _last = place;
                yield return stream.Current;
            }

            // Not all who lost the daemon at once come back at once.
            await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), cancellationToken);
            wait = wait * 2 < WaitMax ? wait * 2 : WaitMax;
        }
    }

    /// <summary>The bytes of files that notices are about: what a database wants to know.</summary>
    public async IAsyncEnumerable<LostBytes> ReadLostBytesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (NoticeJson notice in ReadAllAsync(cancellationToken))
        {
            foreach (LostBytes lost in LostBytesOf(notice).Where(IsWanted)) yield return lost;
        }
    }

    /// <summary>Everything up to this notice is dealt with: it will not come again after a restart.</summary>
    public async Task AcknowledgeAsync(NoticeJson notice, CancellationToken cancellationToken = default)
    {
        if (notice.Seq is { } place) await client.AcknowledgeAsync(party, place, cancellationToken);
    }

    /// <summary>The file ranges in a notice's impacts.</summary>
    public static IEnumerable<LostBytes> LostBytesOf(NoticeJson notice)
    {
        if (notice.Impacts is not { ValueKind: System.Text.Json.JsonValueKind.Array } impacts) yield break;
        foreach (System.Text.Json.JsonElement impact in impacts.EnumerateArray())
        {
            // Attributes, directories and block maps have offsets too, but no bytes of anybody's file.
            if (impact.GetProperty("severity").GetString() != "file_data") continue;
            if (!impact.TryGetProperty("file_offset", out System.Text.Json.JsonElement offset)) continue;
            if (!impact.TryGetProperty("paths", out System.Text.Json.JsonElement paths)) continue;
            foreach (System.Text.Json.JsonElement path in paths.EnumerateArray())
            {
                yield return new(path.GetString()!, offset.GetInt64(), impact.GetProperty("length").GetInt64(), notice);
            }
        }
    }

    /// <summary>One range may hit several files.</summary>
    private bool IsWanted(LostBytes lost)
    {
        string wanted = filter.Path?.Trim('/') ?? "";
        return wanted.Length == 0 || lost.Path == wanted
            || lost.Path.StartsWith(wanted + "/", StringComparison.Ordinal);
    }

    private async IAsyncEnumerable<NoticeJson> ConnectAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await client.PutPartyAsync(party, new PartyRequest { Filter = filter }, cancellationToken);
        await foreach (NoticeJson notice in client.StreamAsync(party, _last, cancellationToken)) yield return notice;
    }

    /// <summary>What another try may mend.</summary>
    private static bool IsPassing(Exception fault) => fault is DaemonUnreachableException or IOException
        or HttpRequestException or DaemonException { Status: 503 or >= 500 };
}
