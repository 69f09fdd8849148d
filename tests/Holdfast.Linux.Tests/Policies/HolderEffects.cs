// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Policies;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>
/// A process for each ordinary notice, which maps what that one lost: whom a signal reaches tells which notice it was
/// sent for. Started when it is first asked for.
/// </summary>
internal sealed class HolderEffects(string[]? before = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Scratch _scratch = new("holders");
    private readonly Dictionary<long, FileHolder> _holders = [];

    /// <summary>The process whose bytes the notice of that number is about.</summary>
    internal FileHolder Of(long number)
    {
        lock (_holders)
        {
            if (_holders.TryGetValue(number, out FileHolder? known)) return known;
            string file = _scratch.PathOf("file");
            if (!File.Exists(file)) File.WriteAllBytes(file, new byte[8192]);
            return _holders[number] = FileHolder.Start(file, map: "0,1", before: before, reads: true);
        }
    }

    internal ProcessUse UseOf(long number) => UseOf(Of(number));

    internal static ProcessUse UseOf(FileHolder holder) => new(
        holder.Id, StartOf(holder.Id), "python3", 0, null, null, [new(holder.Address, 4096, 0, true, false)],
        [new(3, true, false, 0)]);

    internal PolicyEffect EffectOf(long number) => new($"{Of(number).Id}", "SIGBUS");

    /// <summary>What all that were started have said, once each has been given time to say it.</summary>
    internal IReadOnlyList<PolicyEffect> Seen(int expected)
    {
        FileHolder[] all;
        lock (_holders) all = [.. _holders.Values];
        bool isThere = SpinWait.SpinUntil(() => all.Count(at => at.NextLine.IsCompleted) >= expected, Patience);
        // One more than was expected would come with the others.
        if (isThere) Thread.Sleep(100);
        return
        [
            .. all.Where(at => at.NextLine.IsCompleted)
                .Select(at => new PolicyEffect($"{at.Id}", at.NextLine.Result!)),
        ];
    }

    internal static long StartOf(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        foreach (FileHolder holder in _holders.Values) holder.Dispose();
        _scratch.Dispose();
    }
}
