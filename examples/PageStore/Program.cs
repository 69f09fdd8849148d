// SPDX-License-Identifier: Apache-2.0
using Holdfast.Client;

namespace PageStore;

/// <summary>
/// A small store that survives losing pages of its data file because it is told: it subscribes to failures of the very
/// file it has open, looks at the pages that are named, and brings back from its replica what is lost.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is not ([_, _, _] or [_, _, _, _]))
        {
            await Console.Error.WriteLineAsync("usage: pagestore SOCKET DATA REPLICA [PAGES-TO-CREATE]");
            return 16;
        }

        using var pages = new Pages(args[1], args[2]);
        if (args.Length == 4) pages.Create(int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture));
        using var client = new DaemonClient(args[0]);
        NoticeSubscription subscription = NoticeSubscription.ForFile(client, "pagestore", pages.Data.SafeFileHandle);
        Console.WriteLine($"watching {pages.Count} pages");
        await foreach (LostBytes lost in subscription.ReadLostBytesAsync())
        {
            long first = lost.Offset / Pages.Size;
            long last = (lost.Offset + lost.Length - 1) / Pages.Size;
            for (long page = first; page <= Math.Min(last, pages.Count - 1); page++)
            {
                bool wasWhole = pages.IsWhole(page);
                pages.Restore(page);
                Console.WriteLine($"page {page} {(wasWhole ? "was whole, written again" : "was lost, restored")}");
            }

            // Only now: had we died before, we would be told again.
            await subscription.AcknowledgeAsync(lost.Notice);
            Console.WriteLine("acknowledged");
        }

        return 0;
    }
}
