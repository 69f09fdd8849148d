// SPDX-License-Identifier: Apache-2.0
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Failures;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>
/// Producers that do as they are told to (C1): each report has a key, and is sent again under it until it is accepted.
/// Now and then one reports again what it reported before.
/// </summary>
internal sealed class ReportingClients(string socket, string device, int seed) : IAsyncDisposable
{
    internal const long Length = 4096;
    private const int Clients = 6;
    private const int PaceMsMax = 12;
    private const double AgainShare = 0.1;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly List<ByteRange> _accepted = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _refused;
    private long _duplicates;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Refusals with 503 ledger_unavailable.</summary>
    internal long Refused => Interlocked.Read(ref _refused);

    /// <summary>Answers that were lost on their way: the report was in the ledger when it came again.</summary>
    internal long Duplicates => Interlocked.Read(ref _duplicates);

    internal int AcceptedCount
    {
        get
        {
            lock (_lock) return _accepted.Count;
        }
    }

    internal ByteRange[] Accepted()
    {
        lock (_lock) return [.. _accepted];
    }

    internal void Start() => _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(
        client => Task.Run(() => RunAsync(client))));

    /// <summary>Returns when so many more were accepted; throws what a client could not go on with.</summary>
    internal async Task AcceptMoreAsync(int count)
    {
        for (int until = AcceptedCount + count; ;)
        {
            Task more;
            lock (_lock)
            {
                if (_accepted.Count >= until) return;
                more = _more.Task;
            }

            if (await Task.WhenAny(more, _running).WaitAsync(TimeSpan.FromMinutes(2)) == _running) await _running;
        }
    }

    /// <summary>Each finishes the report that it is at.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    private async Task RunAsync(int number)
    {
        using var client = new DaemonClient(socket);
        var random = new Random((seed * Clients) + number);
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            int which = i > 0 && random.NextDouble() < AgainShare ? random.Next(i) : i;
            long place = ((long)number << 36) + (which * 2 * Length);
            await ReportAsync(client, $"{seed}-{number}-{i}", new(place, Length));
            await Task.Delay(random.Next(PaceMsMax));
        }
    }

    private async Task ReportAsync(DaemonClient client, string key, ByteRange range)
    {
        var request = new ReportRequest
        {
            Key = key, Source = "torture", Device = device, Basis = "error", Ranges = [new(range.Offset, range.Length)],
        };
        while (true)
        {
            try
            {
                ReportAnswer answer = await client.ReportAsync(request);
                if (answer.Duplicate) Interlocked.Increment(ref _duplicates);
                TaskCompletionSource told;
                lock (_lock)
                {
                    _accepted.Add(range);
                    told = _more;
                    _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                told.TrySetResult();
                return;
            }
            catch (DaemonException fault) when (fault.Code == "ledger_unavailable")
            {
                Interlocked.Increment(ref _refused);
            }
            catch (Exception fault) when (fault is DaemonUnreachableException or IOException or HttpRequestException)
            {
                // Killed meanwhile: whether it was accepted nobody knows, and the key will tell.
            }

            await Task.Delay(RetryAfter);
        }
    }
}
