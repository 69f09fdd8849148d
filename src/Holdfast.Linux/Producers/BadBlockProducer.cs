// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Core.Intake;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Holds the kernel's own lists of bad blocks against the ledger (C8): what is new is reported, what has vanished reads
/// again, and a list that says what is known costs no report. A list that was cut, or could not be read, takes nothing
/// back. Looked at whenever the kernel says that one has changed, and every so often: not all of them say so.
/// </summary>
/// <param name="known">What the ledger has of a device, and what of it a source has named.</param>
/// <param name="degraded">Told, under the name of a check, what does not work; null once it does.</param>
public sealed class BadBlockProducer(
    KernelRoots roots, TimeSpan lookEvery, IEventListener listener,
    Func<DeviceIdentity, string, CancellationToken, Task<KnownFailures>> known, Action<string, string?> degraded)
    : IProducer
{
    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GroupTime = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<(string Identity, string Source), BadBlockList> _last = [];
    private readonly HashSet<string> _troubled = [];

    public string Name => "bad-blocks";

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        using var files = new BadBlockFiles(roots);
        while (true)
        {
            List<BadBlockList> lists = files.Read();
            Tell(lists);
            foreach (BadBlockList list in lists) await HoldAsync(intake, list, cancellationToken);
            // What is away is looked at as new when it is back.
            var there = lists.Select(KeyOf).ToHashSet();
            foreach (var gone in _last.Keys.Where(key => !there.Contains(key)).ToArray()) _last.Remove(gone);
            await WaitAsync(files, cancellationToken);
        }
    }

    private async Task WaitAsync(BadBlockFiles files, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan left = lookEvery;
        while (left > TimeSpan.Zero)
        {
            TimeSpan slice = left < PollTime ? left : PollTime;
            bool isChanged = await Task.Factory.StartNew(
                () => files.Wait(slice), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            if (isChanged)
            {
                // Errors come in groups; and one that says again and again that it has changed costs little.
                await Task.Delay(GroupTime, cancellationToken);
                return;
            }

            left = lookEvery - Stopwatch.GetElapsedTime(started);
        }
    }

    private async Task HoldAsync(IReportIntake intake, BadBlockList list, CancellationToken cancellationToken)
    {
        if (_last.TryGetValue(KeyOf(list), out BadBlockList? before) && before.IsSame(list)) return;
        KnownFailures now = await known(list.Device, list.Source, cancellationToken);
        ByteRangeSet news = list.Ranges.Except(now.Bad);
        ByteRangeSet vanished = list.Gap is not null ? ByteRangeSet.Empty
            : (list.IsWhole ? now.Bad : now.Named).Intersect(list.Scope).Except(list.Ranges);
        foreach (Report report in ReportsOf(list, now.Sequence, news, vanished))
        {
            await intake.ReportAsync(report, cancellationToken);
        }

        _last[KeyOf(list)] = list;
        // What md lists on a member may read well there: a rebuilt member has room for bytes that nobody could give
        // it. Reading says nothing of that.
        if (!list.IsWhole || news.IsEmpty) return;
        ByteRangeSet unread = listener.News(list.Device, news);
        if (!unread.IsEmpty) listener.Reported(list.Device, unread);
    }

    private static IEnumerable<Report> ReportsOf(
        BadBlockList list, long sequence, ByteRangeSet news, ByteRangeSet vanished)
    {
        if (list.IsWhole && list.Gap is null)
        {
            // One for each piece of the device that the list speaks of, and only where it says anything new of it.
            foreach (ByteRange piece in list.Scope)
            {
                if (!news.Overlaps(piece) && !vanished.Overlaps(piece)) continue;
                yield return Of(list, sequence, ByteRangeSet.From(list.Ranges.Within(piece)), piece);
            }

            yield break;
        }

        if (!news.IsEmpty) yield return Of(list, sequence, list.Ranges, null);
        foreach (ByteRange part in vanished) yield return Of(list, sequence, ByteRangeSet.Empty, part);
    }

    /// <param name="scope">Null: the list is not all that there is.</param>
    private static Report Of(BadBlockList list, long sequence, ByteRangeSet ranges, ByteRange? scope) => new()
    {
        // The same list may be right again after another one: only with what had happened until then it is the same
        // report.
        Key = string.Create(
            CultureInfo.InvariantCulture, $"{list.Source}:{list.Device.Identity}:{sequence}:{HashOf(ranges, scope)}"),
        Source = list.Source,
        Time = DateTimeOffset.UtcNow,
        Device = list.Device,
        Basis = ReportBasis.List,
        IsComplete = scope is not null,
        Scope = scope,
        Ranges = ranges,
    };

    private static string HashOf(ByteRangeSet ranges, ByteRange? scope) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes($"{scope} {string.Join(' ', ranges)}")))[..16];

    private void Tell(List<BadBlockList> lists)
    {
        var now = new Dictionary<string, string>();
        foreach (BadBlockList list in lists)
        {
            string device = list.Device.Name;
            if (list.Gap is { } gap) now[$"bad blocks of {device}"] = $"{device}: bad blocks: {gap}";
        }

        foreach (string over in _troubled.Except(now.Keys).ToArray()) degraded(over, null);
        _troubled.Clear();
        foreach ((string check, string what) in now)
        {
            degraded(check, what);
            _troubled.Add(check);
        }
    }

    private static (string Identity, string Source) KeyOf(BadBlockList list) => (list.Device.Identity, list.Source);
}
