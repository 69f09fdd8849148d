// SPDX-License-Identifier: Apache-2.0
using Holdfast.Client;
using Holdfast.Contract;

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
        await foreach (NoticeJson notice in subscription.ReadAllAsync())
        {
            foreach (LostBytes lost in subscription.LostBytesOf(notice)) Restore(pages, lost);
            // Only now, when all of its ranges are dealt with: had we died before, we would be told again.
            await subscription.AcknowledgeAsync(notice);
            Console.WriteLine("acknowledged");
        }

        return 0;
    }

    private static void Restore(Pages pages, LostBytes lost)
    {
        // Where nobody could say what was hit, every page is looked at: that is what the sums are for.
        bool isKnown = lost.Kind == LossKind.Content;
        long first = isKnown ? lost.Offset / Pages.Size : 0;
        long last = isKnown ? Math.Min((lost.Offset + lost.Length - 1) / Pages.Size, pages.Count - 1) : pages.Count - 1;
        for (long page = first; page <= last; page++)
        {
            bool wasWhole = pages.IsWhole(page);
            if (wasWhole && !isKnown) continue;
            // A page that is named is written again even if it reads: the kernel may still have it in memory.
            pages.Restore(page);
            Console.WriteLine($"page {page} {(wasWhole ? "was whole, written again" : "was lost, restored")}");
        }
    }
}
