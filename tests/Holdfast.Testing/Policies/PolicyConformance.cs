// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Xunit;

namespace Holdfast.Testing.Policies;

/// <summary>
/// What every policy must do, whatever its effect is. A new one passes by a class of its own that says how it is set up
/// and what the world sees of it: derive from <see cref="IdempotentConformance"/> or <see cref="OnceConformance"/>.
/// </summary>
public abstract class PolicyConformance
{
    /// <summary>Calls at the same time.</summary>
    public const int AtOnce = 12;

    private const int DetailBytesMax = 8192;

    /// <summary>Nothing may hang for longer than this.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(60);

    protected abstract IPolicy Policy { get; }

    /// <summary>By which it does its work at once.</summary>
    protected abstract Rule Rule { get; }

    /// <summary>By which its effect begins and never ends; null where that cannot be.</summary>
    protected virtual Rule? EndlessRule => null;

    /// <summary>Whether there is anything to see of it: of a policy that only decides there is not.</summary>
    protected virtual bool LeavesTraces => true;

    /// <summary>Ends once the effect by the endless rule has begun.</summary>
    protected virtual Task BegunAsync() => Task.CompletedTask;

    /// <summary>All effects so far.</summary>
    protected abstract IReadOnlyList<PolicyEffect> Effects();

    [Fact]
    public async Task One_request_has_one_outcome_and_its_effect()
    {
        PolicyRequest request = PolicyRequests.Ordinary(Rule);
        PolicyOutcome outcome = await ApplyAsync(request);
        Assert.True(outcome.State is DeliveryState.Done or DeliveryState.Ignored, $"{outcome}");
        CheckEffects(request);
    }

    /// <summary>Paths of strangers, damaged records, storms and what is not durable (C1): never an exception.</summary>
    [Fact]
    public async Task Hostile_notices_have_an_outcome()
    {
        foreach ((string name, PolicyRequest request) in PolicyRequests.Hostile(Rule))
        {
            try
            {
                CheckOutcome(await ApplyAsync(request));
            }
            catch (Exception fault)
            {
                Assert.Fail($"{name}: {fault}");
            }
        }
    }

    /// <summary>C11: whoever is told to stop stops.</summary>
    [Fact]
    public async Task It_stops_when_its_time_is_over()
    {
        using var limit = new CancellationTokenSource();
        if (EndlessRule is not { } endless)
        {
            await limit.CancelAsync();
            await StoppedAsync(PolicyRequests.Ordinary(Rule), limit.Token);
            return;
        }

        Task<PolicyOutcome?> running = StoppedAsync(PolicyRequests.Ordinary(endless), limit.Token);
        await BegunAsync().WaitAsync(Patience);
        Assert.False(running.IsCompleted);
        await limit.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Nothing_begins_once_its_time_is_over()
    {
        await StoppedAsync(PolicyRequests.Ordinary(Rule), new CancellationToken(canceled: true));
        CheckEffects();
    }

    [Fact]
    public async Task Calls_at_the_same_time_are_kept_apart()
    {
        PolicyRequest[] requests = [.. Enumerable.Range(1, AtOnce).Select(i => PolicyRequests.Ordinary(Rule, i))];
        using var start = new Barrier(AtOnce);
        PolicyOutcome[] outcomes = await Task.WhenAll(requests.Select(request => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return ApplyAsync(request);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].State, outcome.State));
        Assert.True(outcomes[0].State is DeliveryState.Done or DeliveryState.Ignored, $"{outcomes[0]}");
        CheckEffects(requests);
    }

    /// <summary>What it would do is told to terminals and records.</summary>
    [Fact]
    public void It_describes_itself_in_one_plain_line()
    {
        string said = Policy.Describe(Rule);
        Assert.NotEqual("", said);
        Assert.DoesNotContain(said, char.IsControl);
    }

    /// <summary>By the policy's own kind, what an attempt may end in.</summary>
    private protected abstract bool MayEndIn(DeliveryState state);

    private protected async Task<PolicyOutcome> ApplyAsync(PolicyRequest request)
    {
        Task<PolicyOutcome> running = Policy.ApplyAsync(request, CancellationToken.None);
        await WithinPatienceAsync(running);
        PolicyOutcome outcome = await running;
        CheckOutcome(outcome);
        return outcome;
    }

    /// <summary>Null where it says by an exception that it was stopped; the engine knows what that means.</summary>
    private protected async Task<PolicyOutcome?> StoppedAsync(PolicyRequest request, CancellationToken stop)
    {
        try
        {
            Task<PolicyOutcome> running = Policy.ApplyAsync(request, stop);
            await WithinPatienceAsync(running, stop);
            PolicyOutcome outcome = await running;
            CheckOutcome(outcome);
            return outcome;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private protected void CheckEffects(params PolicyRequest[] requests) => Assert.Equal(
        LeavesTraces ? [.. requests.Select(EffectOf).OrderBy(at => at.Key, StringComparer.Ordinal)] : [],
        Effects().OrderBy(at => at.Key, StringComparer.Ordinal));

    /// <summary>
    /// What the world sees of a request that was carried out. An effect that carries neither key nor notice, as a
    /// signal, is told by whom it reaches: each ordinary notice is then about somebody else.
    /// </summary>
    protected virtual PolicyEffect EffectOf(PolicyRequest request) =>
        new(request.Key, Encoding.UTF8.GetString(request.Payload.Span));

    /// <summary>The patience begins when it is told to stop.</summary>
    private async Task WithinPatienceAsync(Task running, CancellationToken stop = default)
    {
        if (stop.CanBeCanceled && !stop.IsCancellationRequested)
        {
            var told = new TaskCompletionSource();
            await using CancellationTokenRegistration telling = stop.Register(told.SetResult);
            await Task.WhenAny(running, told.Task);
        }

        await Task.WhenAny(running, Task.Delay(Patience, CancellationToken.None));
        Assert.True(running.IsCompleted, $"no end within {Patience}");
    }

    private void CheckOutcome(PolicyOutcome outcome)
    {
        Assert.True(MayEndIn(outcome.State), $"it may not end in {outcome.State}");
        if (outcome.Detail is not { } detail) return;
        Assert.True(Encoding.UTF8.GetByteCount(detail) <= DetailBytesMax, "what it says is not bounded");
        Assert.DoesNotContain(detail, at => char.IsControl(at) && at is not ('\n' or '\t'));
    }
}
