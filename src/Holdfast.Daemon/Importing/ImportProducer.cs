// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Contract;
using Holdfast.Core.Intake;
using Holdfast.Core.Policies;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Daemon.Importing;

/// <summary>
/// Takes in lists that are dropped into a folder: when one was written to its end or moved there, and what lies there
/// at the start. What is taken is suspect, as root says so, and is not read by the daemon: a list of a dying disk may
/// have more bad sectors than that can bear.
/// </summary>
/// <param name="findDevice">Null: the device of that name in /dev.</param>
internal sealed partial class ImportProducer(
    string path, KernelRoots roots, ILogger logger, Func<ImportName, BlockDevice>? findDevice = null) : IProducer
{
    /// <summary>For what the watch does not tell: a file that was still written to when it was looked at.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(1);

    private readonly ImportFolder _folder = new(path, Users.Effective);

    public string Name => "import";

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        _folder.Prepare(Users.OwnerOf);
        using FolderWatch watch = FolderWatch.Open(path);
        while (true)
        {
            Exception? untaken = null;
            foreach (string name in _folder.Waiting()) untaken ??= await TakeAsync(intake, name, cancellationToken);
            if (untaken is not null) throw new IOException($"a list cannot be taken: {untaken.Message}", untaken);
            for (TimeSpan waited = TimeSpan.Zero; waited < LookEvery; waited += WatchTime)
            {
                bool isNew = await Task.Factory.StartNew(
                    () => watch.Wait(WatchTime), cancellationToken, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
                cancellationToken.ThrowIfCancellationRequested();
                if (isNew) break;
            }
        }
    }

    /// <returns>Why it could be neither taken nor refused; null where it was, or is not whole yet.</returns>
    private async Task<Exception?> TakeAsync(IReportIntake intake, string file, CancellationToken cancellationToken)
    {
        try
        {
            if (_folder.Read(file) is not { } dropped) return null;
            ImportName name = ImportName.Parse(file);
            BlockDevice device = findDevice is null ? name.Find(roots) : findDevice(name);
            var list = ImportedList.Read(name, dropped.Bytes, device);
            int count = 0;
            foreach (Report report in ReportsOf(dropped, name, device, list))
            {
                await intake.ReportAsync(report, cancellationToken);
                count += report.Ranges.Count;
            }

            _folder.SetDone(file);
            string taken = PlainText.Of(Encoding.UTF8.GetBytes(file));
            Taken(logger, taken, count);
            return null;
        }
        catch (InvalidDataException wrong)
        {
            return Refuse(file, wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It keeps none behind it waiting (C11); that it cannot be taken is told at the end.
            return fault;
        }
    }

    private Exception? Refuse(string file, InvalidDataException wrong)
    {
        try
        {
            string why = PlainText.Of(Encoding.UTF8.GetBytes(wrong.Message));
            string refused = PlainText.Of(Encoding.UTF8.GetBytes(file));
            _folder.Refuse(file, why);
            Refused(logger, refused, why);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault;
        }
    }

    private IEnumerable<Report> ReportsOf(ImportedFile file, ImportName name, BlockDevice device, ImportedList list)
    {
        // The same file again is the same report; dropped again later it is another one.
        string key = string.Create(
            CultureInfo.InvariantCulture,
            $"import:{file.Changed.Ticks}:{Convert.ToHexStringLower(SHA256.HashData(file.Bytes))[..16]}");
        int number = 0;
        foreach (ListPlace place in ListPlaces.Of(device, list.Ranges, list.Complete, roots))
        {
            foreach ((ByteRangeSet ranges, ByteRange? scope) in PartsOf(place))
            {
                yield return new()
                {
                    Key = string.Create(CultureInfo.InvariantCulture, $"{key}:{number++}:{place.Device.Identity}"),
                    Source = $"import:{Word(name.Kind)}",
                    Time = file.Changed,
                    Device = place.Device,
                    Basis = name.Kind == ImportKind.KernelLog ? ReportBasis.Error : ReportBasis.List,
                    IsComplete = scope is not null,
                    Scope = scope,
                    Ranges = ranges,
                };
            }
        }
    }

    /// <summary>No report is larger than one over the socket may be; each is complete for its own stretch.</summary>
    private static IEnumerable<(ByteRangeSet Ranges, ByteRange? Scope)> PartsOf(ListPlace place)
    {
        foreach (ByteRange scope in place.Scope)
        {
            ByteRange[][] chunks = [.. place.Ranges.Within(scope).Chunk(Defaults.RangesMax)];
            if (chunks.Length == 0) chunks = [[]];
            long start = scope.Offset;
            for (int i = 0; i < chunks.Length; i++)
            {
                long end = i == chunks.Length - 1 ? scope.End : chunks[i + 1][0].Offset;
                yield return (ByteRangeSet.From(chunks[i]), ByteRange.FromTo(start, end));
                start = end;
            }
        }

        foreach (ByteRange[] chunk in place.Ranges.Except(place.Scope).Chunk(Defaults.RangesMax))
        {
            yield return (ByteRangeSet.From(chunk), null);
        }
    }

    private static string Word(ImportKind kind) => kind switch
    {
        ImportKind.Mapfile => "mapfile",
        ImportKind.Badblocks => "badblocks",
        ImportKind.Smartctl => "smartctl",
        _ => "kmsg",
    };

    [LoggerMessage(EventId = 40, Level = LogLevel.Information, Message = "{File} was taken in: {Count} bad ranges")]
    private static partial void Taken(ILogger logger, string file, int count);

    [LoggerMessage(EventId = 41, Level = LogLevel.Warning, Message = "{File} was refused: {Why}")]
    private static partial void Refused(ILogger logger, string file, string why);
}
