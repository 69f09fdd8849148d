// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Policies;
using Holdfast.Testing;
using Holdfast.Testing.Policies;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>C14: who has the bytes is told, nobody else is, and never many. The processes are real.</summary>
public sealed class SignalPolicyTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Rule Rule = new() { Name = "tell", When = new(), Policy = "signal", Acts = true };

    private readonly Scratch _scratch = new("signal");
    private readonly List<FileHolder> _holders = [];

    public void Dispose()
    {
        foreach (FileHolder holder in _holders) holder.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Who_maps_the_bytes_is_signalled_and_who_has_the_file_open_is_not()
    {
        FileHolder maps = Start();
        FileHolder opens = Start();
        PolicyOutcome outcome = await ApplyAsync(new() { Enabled = true }, Use(maps), Use(opens, isMapped: false));
        Assert.Equal(new(DeliveryState.Done, $"SIGBUS to {maps.Id} python3"), outcome);
        Assert.Equal("SIGBUS", await maps.NextLine.WaitAsync(Patience));
        await IsLeftAloneAsync(opens);
    }

    /// <summary>The signal of the rule, whatever it is.</summary>
    [Fact]
    public async Task Any_signal_can_be_named()
    {
        FileHolder maps = Start();
        PolicyOutcome outcome = await new SignalPolicy(
            new() { Enabled = true }, KernelRoots.Real, (_, _) => Found(Use(maps))).ApplyAsync(
                PolicyRequests.Ordinary(Rule with { Signal = "SIGTERM" }), default);
        Assert.Equal($"SIGTERM to {maps.Id} python3", outcome.Detail);
        Assert.Null(await maps.NextLine.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_dry_run_names_who_would_be_told_and_tells_nobody()
    {
        FileHolder maps = Start();
        FileHolder unsure = Start();
        Assert.Equal(
            $"SIGBUS to {maps.Id} python3; not to {unsure.Id} python3 (not certain)",
            await RehearseAsync(new() { Enabled = true }, Use(maps), Use(unsure) with { IsCertain = false }));
        Assert.Equal(
            "2 processes have it, more than acting.max_processes (1)",
            await RehearseAsync(new() { Enabled = true, ProcessesMax = 1 }, Use(maps), Use(unsure)));
        await IsLeftAloneAsync(maps);
    }

    [Fact]
    public async Task A_page_that_many_map_leads_to_an_escalation_and_not_to_a_massacre()
    {
        FileHolder[] all = [Start(), Start(), Start()];
        PolicyOutcome outcome = await ApplyAsync(
            new() { Enabled = true, ProcessesMax = 2 }, [.. all.Select(at => Use(at))]);
        Assert.Equal(
            new(DeliveryState.Dead, "3 processes have it, more than acting.max_processes (2)"), outcome);
        foreach (FileHolder one in all) await IsLeftAloneAsync(one);
    }

    [Fact]
    public async Task Acting_must_be_turned_on()
    {
        FileHolder maps = Start();
        PolicyOutcome outcome = await ApplyAsync(new(), Use(maps));
        Assert.Equal(new(DeliveryState.Dead, "acting is not turned on (acting.enabled)"), outcome);
        await IsLeftAloneAsync(maps);
    }

    [Fact]
    public async Task Protected_units_init_and_the_caller_are_spared()
    {
        FileHolder guarded = Start();
        FileHolder told = Start();
        ProcessUse own = Use(told) with { ProcessId = Environment.ProcessId, Name = "own" };
        ProcessUse init = Use(told) with { ProcessId = 1, Name = "init" };
        PolicyOutcome outcome = await ApplyAsync(
            new() { Enabled = true, ProtectedUnits = ["postgresql@*"] },
            Use(guarded) with { Unit = "postgresql@15-main.service" }, Use(told) with { Unit = "vim.scope" }, own,
            init);
        Assert.Equal(DeliveryState.Done, outcome.State);
        Assert.StartsWith($"SIGBUS to {told.Id} python3; not to ", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains("1 init (protected)", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains("own (protected)", outcome.Detail, StringComparison.Ordinal);
        Assert.Equal("SIGBUS", await told.NextLine.WaitAsync(Patience));
        await IsLeftAloneAsync(guarded);
    }

    /// <summary>Its number was given to another since it was found.</summary>
    [Fact]
    public async Task Another_process_of_the_same_number_is_never_signalled()
    {
        FileHolder other = Start();
        ProcessUse found = Use(other) with { StartTime = StartOf(other.Id) - 1 };
        Assert.Equal(
            new(DeliveryState.Ignored, $"SIGBUS to nobody; not to {other.Id} python3 (ended)"),
            await ApplyAsync(new() { Enabled = true }, found));
        await IsLeftAloneAsync(other);
    }

    [Fact]
    public async Task Who_is_not_certain_is_left_alone()
    {
        FileHolder unsure = Start();
        Assert.Equal(
            new(DeliveryState.Dead, $"SIGBUS to nobody; not to {unsure.Id} python3 (not certain)"),
            await ApplyAsync(new() { Enabled = true }, Use(unsure) with { IsCertain = false }));
        await IsLeftAloneAsync(unsure);
    }

    [Fact]
    public async Task Nobody_has_it() => Assert.Equal(
        new(DeliveryState.Ignored, "no process has the bytes in memory"), await ApplyAsync(new() { Enabled = true }));

    private static Task<PolicyOutcome> ApplyAsync(ActingLimits limits, params ProcessUse[] users) =>
        new SignalPolicy(limits, KernelRoots.Real, (_, _) => Found(users)).ApplyAsync(
            PolicyRequests.Ordinary(Rule), default);

    private static Task<string?> RehearseAsync(ActingLimits limits, params ProcessUse[] users) =>
        new SignalPolicy(limits, KernelRoots.Real, (_, _) => Found(users)).RehearseAsync(
            PolicyRequests.Ordinary(Rule), default);

    private static Task<LostBytesUsers> Found(params ProcessUse[] users) =>
        Task.FromResult(new LostBytesUsers(users, null));

    private FileHolder Start()
    {
        string file = _scratch.PathOf("file");
        if (!File.Exists(file)) File.WriteAllBytes(file, new byte[8192]);
        var holder = FileHolder.Start(file, map: "0,1");
        _holders.Add(holder);
        return holder;
    }

    private static ProcessUse Use(FileHolder holder, bool isMapped = true) => new(
        holder.Id, StartOf(holder.Id), "python3", 0, null, null,
        isMapped ? [new(holder.Address, 4096, 0, true, false)] : [], [new(3, true, false, 0)]);

    private static long StartOf(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    private static async Task IsLeftAloneAsync(FileHolder holder)
    {
        await Task.Delay(100);
        Assert.False(holder.NextLine.IsCompleted, $"{holder.Id} was signalled");
    }
}
