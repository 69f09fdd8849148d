// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Policies;
using Holdfast.Linux.Processes;
using Holdfast.Testing;
using Holdfast.Testing.Policies;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>"signal" as every policy, with real processes; who is signalled tells for which notice.</summary>
public sealed class SignalConformanceTests : OnceConformance, IDisposable
{
    private readonly HolderEffects _holders = new();
    private readonly CountedNotices _asked = new();
    private bool _isUnreadable;

    public SignalConformanceTests() => Policy = new SignalPolicy(
        new() { Enabled = true, ProcessesMax = 1 }, KernelRoots.Real, (notice, _) => Find(notice));

    protected override IPolicy Policy { get; }

    protected override Rule Rule { get; } = new() { Name = "tell", When = new(), Policy = "signal", Acts = true };

    protected override bool IsIndivisible => true;

    protected override IReadOnlyList<Rule> BrokenRules => [];

    protected override IReadOnlyList<Action> Obstacles => [() => _isUnreadable = true];

    public void Dispose() => _holders.Dispose();

    /// <summary>A library that more processes map than a machine should decide about; found in /proc.</summary>
    [Fact]
    public async Task A_page_of_a_library_that_everybody_maps_is_escalated_and_nobody_is_signalled()
    {
        using var scratch = new Scratch("library");
        string library = scratch.PathOf("libeverybody.so");
        File.Copy("/proc/self/exe", library);
        FileIdentity file = FileIdentity.Of(library)!.Value;
        FileHolder[] all = [.. Enumerable.Range(0, 4).Select(_ => FileHolder.Start(library, map: "0,4", closes: true))];
        try
        {
            var policy = new SignalPolicy(new() { Enabled = true, ProcessesMax = 3 }, KernelRoots.Real, (_, stop) =>
                Task.FromResult(new LostBytesUsers(FileUsers.Find(
                    [new(file.LiesOn, file.Inode, ByteRangeSet.From([new(4096, 4096)]))], KernelRoots.Real,
                    cancellationToken: stop).Users[0], null)));
            PolicyOutcome outcome = await policy.ApplyAsync(PolicyRequests.Ordinary(Rule), default);
            Assert.Equal(
                new(DeliveryState.Dead, "4 processes have it, more than acting.max_processes (3)"), outcome);
            await Task.Delay(200);
            Assert.All(all, one => Assert.False(one.NextLine.IsCompleted));
        }
        finally
        {
            foreach (FileHolder one in all) one.Dispose();
        }
    }

    protected override PolicyEffect EffectOf(PolicyRequest request) => _holders.EffectOf(request.Notices[0].Number);

    protected override IReadOnlyList<PolicyEffect> Effects() => _holders.Seen(_asked.Count);

    private Task<LostBytesUsers> Find(Notice notice)
    {
        if (_isUnreadable) throw new IOException("the kernel does not answer");
        // Hostile notices are about nobody but the first.
        if (notice.Number is < 1 or > AtOnce) return Task.FromResult(new LostBytesUsers([], null));
        _asked.Add(notice);
        return Task.FromResult(new LostBytesUsers([_holders.UseOf(notice.Number)], null));
    }
}

/// <summary>How many different notices a policy has asked about: that many are to be told.</summary>
internal sealed class CountedNotices
{
    private readonly HashSet<long> _numbers = [];

    internal int Count
    {
        get
        {
            lock (_numbers) return _numbers.Count;
        }
    }

    internal void Add(Notice notice)
    {
        lock (_numbers) _numbers.Add(notice.Number);
    }
}
