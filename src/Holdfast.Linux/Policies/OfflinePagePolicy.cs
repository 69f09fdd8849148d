// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Stack;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Policies;

/// <summary>
/// Tells the kernel's own notifier of bad pages of persistent memory, by hard_offline_page (sysfs-memory-page-offline):
/// it then does for each what it does for one that the processor found. Each page once; more than a few at once are
/// left to a person. At most once.
/// </summary>
/// <param name="nameOf">The node of a device of the ledger, as it is called today.</param>
public sealed class OfflinePagePolicy(
    ActingLimits limits, KernelRoots roots, Func<long, CancellationToken, Task<string?>> nameOf) : IPolicy
{
    private const string HardOffline = "devices/system/memory/hard_offline_page";

    /// <summary>KPF_HWPOISON of /proc/kpageflags (admin-guide/mm/pagemap.rst).</summary>
    private const ulong Poisoned = 1UL << 19;

    private static readonly long PageSize = Environment.SystemPageSize;

    public string Name => "offline-page";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public string Describe(Rule rule) => "tell the kernel of the bad pages of persistent memory (hard_offline_page)";

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        (SortedSet<long> pages, string more, PolicyOutcome? end) = await FindAsync(request, cancellationToken);
        if (end is not null) return end;
        cancellationToken.ThrowIfCancellationRequested();
        return Write(pages, more);
    }

    public async Task<string?> RehearseAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        (SortedSet<long> pages, string more, PolicyOutcome? end) = await FindAsync(request, cancellationToken);
        if (end is not null) return end.Detail;
        IEnumerable<string> all = pages.Select(page => IsPoisoned(page) ? $"not {AddressOf(page)} (offline already)"
            : AddressOf(page));
        return Said(DeliveryState.Ignored, string.Join(", ", all) + more).Detail;
    }

    /// <returns>The pages; with an end where none may be taken.</returns>
    private async Task<(SortedSet<long> Pages, string More, PolicyOutcome? End)> FindAsync(
        PolicyRequest request, CancellationToken cancellationToken)
    {
        var pages = new SortedSet<long>();
        if (!limits.Enabled)
        {
            return (pages, "", Said(DeliveryState.Dead, "acting is not turned on (acting.enabled)"));
        }

        var notes = new SortedSet<string>();
        foreach (Notice notice in request.Notices)
        {
            if (notice.Medium != MediumState.Confirmed) notes.Add("what is not confirmed is left alone");
            else if (await FindAsync(notice, pages, cancellationToken) is { } why) notes.Add(why);
        }

        string more = string.Concat(notes.Select(note => $"; {note}"));
        PolicyOutcome? end = null;
        if (pages.Count == 0)
        {
            end = Said(DeliveryState.Ignored, $"no page to take offline{more}");
        }
        else if (pages.Count > limits.PagesMax)
        {
            end = Said(DeliveryState.Dead, string.Create(
                CultureInfo.InvariantCulture,
                $"more pages than acting.max_pages ({limits.PagesMax}) are bad: none is taken offline{more}"));
        }

        return (pages, more, end);
    }

    /// <returns>Why there are none of it; null where there are.</returns>
    private async Task<string?> FindAsync(Notice notice, SortedSet<long> pages, CancellationToken cancellationToken)
    {
        string? node = await nameOf(notice.Device, cancellationToken);
        if (node is null) return "the device is not there now";
        // An image may be called like a device: only a node is one.
        string folder = roots.Dev + "/";
        string name = node.StartsWith(folder, StringComparison.Ordinal) ? node[folder.Length..] : "";
        if (name.Length == 0) return $"{node} is no persistent memory";
        if (PmemNamespaces.Find(roots, name.Replace('/', '!'), out string why) is not { } memory) return why;
        ByteRange bad = notice.Range.Intersect(new(0, memory.Length));
        if (bad.IsEmpty) return $"the bytes lie outside {name}";
        long first = (memory.Offset + bad.Offset) / PageSize;
        long last = (memory.Offset + bad.End - 1) / PageSize;
        // One more than may be says as much as all of them.
        for (long page = first; page <= last && pages.Count <= limits.PagesMax; page++) pages.Add(page);
        return null;
    }

    private PolicyOutcome Write(SortedSet<long> pages, string more)
    {
        var told = new List<string>();
        var left = new List<string>();
        foreach (long page in pages)
        {
            string address = AddressOf(page);
            if (IsPoisoned(page))
            {
                left.Add($"{address} (offline already)");
                continue;
            }

            string? obstacle = Write(address, out bool hasBegun);
            bool isUntouched = !hasBegun && told.Count == 0 && left.Count == 0;
            if (isUntouched) return Said(DeliveryState.Failed, obstacle + more);
            if (obstacle is null) told.Add(address);
            else left.Add($"{address} ({obstacle})");
        }

        string text = $"told the kernel of {(told.Count == 0 ? "no page" : string.Join(", ", told))}"
            + (left.Count == 0 ? "" : $"; not of {string.Join(", ", left)}") + more;
        bool isRefused = left.Exists(at => !at.EndsWith("(offline already)", StringComparison.Ordinal));
        return Said(
            isRefused ? DeliveryState.Dead : told.Count > 0 ? DeliveryState.Done : DeliveryState.Ignored, text);
    }

    /// <param name="hasBegun">Whether the kernel was told, whatever it answered.</param>
    /// <returns>Why not; null where it is done.</returns>
    private string? Write(string address, out bool hasBegun)
    {
        hasBegun = false;
        using SafeFileHandle file = Native.Open(
            Path.Combine(roots.Sys, HardOffline), Native.O_WRONLY | Native.O_APPEND | Native.O_CLOEXEC);
        if (file.IsInvalid) return "hard_offline_page: " + LastError();
        hasBegun = true;
        byte[] text = Encoding.ASCII.GetBytes(address + "\n");
        return Spawn.Write((int)file.DangerousGetHandle(), text, text.Length) == text.Length
            ? null
            : LastError();
    }

    private static string AddressOf(long page) =>
        string.Create(CultureInfo.InvariantCulture, $"0x{page * PageSize:x}");

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    /// <summary>A second time would signal everybody again. Unknown, and taken for no, without the flags.</summary>
    private bool IsPoisoned(long page)
    {
        try
        {
            using SafeFileHandle flags = File.OpenHandle(Path.Combine(roots.Proc, "kpageflags"));
            byte[] entry = new byte[sizeof(ulong)];
            return RandomAccess.Read(flags, entry, page * sizeof(ulong)) == entry.Length
                && (BinaryPrimitives.ReadUInt64LittleEndian(entry) & Poisoned) != 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static PolicyOutcome Said(DeliveryState state, string text) =>
        new(state, PlainText.Of(Encoding.UTF8.GetBytes(text)));
}
