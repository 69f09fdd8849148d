// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Bench.Notifier;

namespace Holdfast.Bench.Events;

/// <summary>
/// What the disk under the ledger takes for as much as a report is, written over what is there, after a rest: no notice
/// can be faster.
/// </summary>
internal static class BareCommit
{
    private const int PageSize = 4096;
    private const int Pages = 16;
    private const int Rounds = 100;

    internal static Latencies Measure(string folder, TimeSpan rest)
    {
        string path = Path.Combine(folder, "bare");
        byte[] page = new byte[PageSize];
        var latencies = new Latencies();
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        for (int i = 0; i < Pages * Rounds; i++) file.Write(page);
        file.Flush(flushToDisk: true);
        file.Position = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Thread.Sleep(rest);
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < Pages; i++) file.Write(page);
            file.Flush(flushToDisk: true);
            latencies.Since(began);
        }

        file.Close();
        File.Delete(path);
        return latencies;
    }
}
