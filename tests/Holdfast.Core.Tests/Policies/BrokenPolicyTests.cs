// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Testing.Policies;
using Xunit.Sdk;

namespace Holdfast.Core.Tests.Policies;

/// <summary>Policies that break a promise each: the conformance suite must see it, or it proves nothing.</summary>
public sealed class BrokenPolicyTests
{
    private readonly List<PolicyEffect> _effects = [];
    private readonly TaskCompletionSource _never = new();

    /// <summary>The doubles' own way, unbroken, passes: what is refused below is refused for its fault.</summary>
    [Fact]
    public async Task One_that_keeps_its_promises_passes()
    {
        var often = new OftenSuite(this, Double(EffectKind.Idempotent, Keep));
        await often.One_request_has_one_outcome_and_its_effect();
        Clear();
        await often.Calls_at_the_same_time_are_kept_apart();
        Clear();
        await often.Twice_does_no_harm_and_has_the_same_key();
        await often.Hostile_notices_have_an_outcome();
        Clear();
        var once = new OnceSuite(this, Double(EffectKind.AtMostOnce, BreakHonestly));
        await once.Once_begun_it_is_never_said_to_be_as_if_nothing_had_happened();
    }

    /// <summary>C7.</summary>
    [Fact]
    public Task One_that_may_act_once_and_calls_what_it_began_a_clean_failure() => RefusedAsync(
        new OnceSuite(this, Double(EffectKind.AtMostOnce, (request, _) =>
        {
            Keep(request);
            return Task.FromResult(new PolicyOutcome(DeliveryState.Failed, "it broke"));
        })).Once_begun_it_is_never_said_to_be_as_if_nothing_had_happened);

    /// <summary>One that has a middle to break in cannot leave it untried.</summary>
    [Fact]
    public Task One_that_may_act_once_and_is_never_broken() => RefusedAsync(
        new OnceSuite(this, Double(EffectKind.AtMostOnce, BreakHonestly)) { Broken = [] }
            .Once_begun_it_is_never_said_to_be_as_if_nothing_had_happened);

    /// <summary>C7.</summary>
    [Fact]
    public Task One_that_cannot_begin_and_does() => RefusedAsync(
        new OnceSuite(this, Double(EffectKind.AtMostOnce, Keep)) { Impossible = [Any] }
            .What_cannot_begin_fails_cleanly);

    /// <summary>Whom it reached is what is seen of it, and that was another notice's.</summary>
    [Fact]
    public Task One_that_reaches_somebody_else() => RefusedAsync(
        new ReachingSuite(this, Double(EffectKind.AtMostOnce, request =>
        {
            lock (_effects) _effects.Add(new($"{request.Notices[0].Number + 1}", "told"));
        })).One_request_has_one_outcome_and_its_effect);

    /// <summary>C7.</summary>
    [Fact]
    public Task One_whose_second_attempt_looks_like_another_notice()
    {
        int attempts = 0;
        return RefusedAsync(new OftenSuite(this, Double(
            EffectKind.Idempotent, request => Keep(request with { Key = $"{request.Key}/{attempts++}" })))
            .Twice_does_no_harm_and_has_the_same_key);
    }

    /// <summary>C11.</summary>
    [Fact]
    public Task One_that_does_not_stop() => RefusedAsync(
        new OftenSuite(this, Double(EffectKind.Idempotent, async (request, _) =>
        {
            Keep(request);
            await _never.Task;
            return new(DeliveryState.Done, null);
        })).It_stops_when_its_time_is_over);

    [Fact]
    public Task One_that_begins_although_its_time_is_over() => RefusedAsync(
        new OftenSuite(this, Double(EffectKind.Idempotent, Keep)).Nothing_begins_once_its_time_is_over);

    /// <summary>A name of a file that is no text.</summary>
    [Fact]
    public Task One_that_trips_over_a_path() => RefusedAsync(
        new OftenSuite(this, Double(EffectKind.Idempotent, request =>
        {
            byte[] impacts = request.Notices[0].Impacts.ToArray();
            if (!System.Text.Unicode.Utf8.IsValid(impacts)) throw new FormatException("no text");
            Keep(request);
        })).Hostile_notices_have_an_outcome);

    /// <summary>A key made of what a disk says of itself.</summary>
    [Fact]
    public Task One_that_trips_over_a_key() => RefusedAsync(
        new OftenSuite(this, Double(EffectKind.Idempotent, request =>
        {
            if (request.Key.Contains('\n')) throw new FormatException("no header");
        })).Hostile_notices_have_an_outcome);

    [Fact]
    public Task One_that_repeats_what_a_stranger_said() => RefusedAsync(
        new OftenSuite(this, Double(EffectKind.Idempotent, (request, _) => Task.FromResult(
            new PolicyOutcome(DeliveryState.Done, Encoding.UTF8.GetString(request.Notices[0].Impacts.Span)
                + request.Key)))).Hostile_notices_have_an_outcome);

    [Fact]
    public async Task One_that_mixes_calls_up()
    {
        string shared = "";
        using var all = new Barrier(PolicyConformance.AtOnce);
        await RefusedAsync(new OftenSuite(this, Double(EffectKind.Idempotent, request =>
        {
            shared = request.Key;
            all.SignalAndWait();
            Keep(request with { Key = shared });
        })).Calls_at_the_same_time_are_kept_apart);
    }

    [Theory]
    [InlineData(DeliveryState.Pending)]
    [InlineData(DeliveryState.Attempting)]
    [InlineData(DeliveryState.Expired)]
    public Task One_that_answers_what_is_no_outcome(DeliveryState state) => RefusedAsync(
        new OftenSuite(this, Double(
            EffectKind.Idempotent, (_, _) => Task.FromResult(new PolicyOutcome(state, null))))
        .One_request_has_one_outcome_and_its_effect);

    /// <summary>C7: only what may happen once may have an outcome that nobody knows.</summary>
    [Fact]
    public Task One_that_may_act_twice_and_does_not_know() => RefusedAsync(
        new OftenSuite(this, Double(
            EffectKind.Idempotent, (_, _) => Task.FromResult(new PolicyOutcome(DeliveryState.Unknown, null))))
        .One_request_has_one_outcome_and_its_effect);

    private static async Task RefusedAsync(Func<Task> fact) => await Assert.ThrowsAnyAsync<XunitException>(fact);

    private static DoublePolicy Double(EffectKind effect, Action<PolicyRequest> work) => new(effect, (request, _) =>
    {
        work(request);
        return Task.FromResult(new PolicyOutcome(DeliveryState.Done, null));
    });

    private static DoublePolicy Double(
        EffectKind effect, Func<PolicyRequest, CancellationToken, Task<PolicyOutcome>> apply) => new(effect, apply);

    private Task<PolicyOutcome> BreakHonestly(PolicyRequest request, CancellationToken stop)
    {
        Keep(request);
        return Task.FromResult(new PolicyOutcome(DeliveryState.Unknown, "it broke in the middle"));
    }

    private void Keep(PolicyRequest request)
    {
        lock (_effects) _effects.Add(new(request.Key, Encoding.UTF8.GetString(request.Payload.Span)));
    }

    private void Clear()
    {
        lock (_effects) _effects.Clear();
    }

    private sealed class DoublePolicy(
        EffectKind effect, Func<PolicyRequest, CancellationToken, Task<PolicyOutcome>> apply) : IPolicy
    {
        public string Name => "double";

        public EffectKind Effect => effect;

        public Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
            apply(request, cancellationToken);

        public string Describe(Rule rule) => "break a promise";
    }

    private static readonly Rule Any = new() { Name = "any", When = new(), Policy = "double" };

    private sealed class OftenSuite(BrokenPolicyTests owner, IPolicy policy) : IdempotentConformance
    {
        protected override TimeSpan Patience => TimeSpan.FromMilliseconds(100);

        protected override IPolicy Policy => policy;

        protected override Rule Rule => Any;

        protected override Rule? EndlessRule => Any;

        protected override IReadOnlyList<PolicyEffect> Effects()
        {
            lock (owner._effects) return [.. owner._effects];
        }
    }

    /// <summary>Of a policy whose effects carry no key.</summary>
    private sealed class ReachingSuite(BrokenPolicyTests owner, IPolicy policy) : OnceSuite(owner, policy)
    {
        protected override PolicyEffect EffectOf(PolicyRequest request) =>
            new($"{request.Notices[0].Number}", "told");
    }

    private class OnceSuite(BrokenPolicyTests owner, IPolicy policy) : OnceConformance
    {
        protected override IPolicy Policy => policy;

        protected override Rule Rule => Any;

        internal IReadOnlyList<Rule> Broken { get; init; } = [Any];

        internal IReadOnlyList<Rule> Impossible { get; init; } = [];

        protected override IReadOnlyList<Rule> BrokenRules => Broken;

        protected override IReadOnlyList<Rule> ImpossibleRules => Impossible;

        protected override IReadOnlyList<PolicyEffect> Effects()
        {
            lock (owner._effects) return [.. owner._effects];
        }
    }
}
