// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Core.Policies;
using Holdfast.Testing.Policies;

namespace Holdfast.Core.Tests.Policies;

/// <summary>"webhook" as every policy, against a real receiver.</summary>
public sealed class WebhookConformanceTests : IdempotentConformance, IDisposable
{
    private readonly HttpReceiver _receiver = new("HTTP/1.1 204 None\nConnection: close\n\n");
    private readonly HttpReceiver _silent = new("");
    private readonly WebhookPolicy _policy = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }, TimeProvider.System, "a-host");

    protected override IPolicy Policy => _policy;

    protected override Rule Rule => RuleTo(_receiver);

    protected override Rule? EndlessRule => RuleTo(_silent);

    public void Dispose()
    {
        _policy.Dispose();
        _receiver.Dispose();
        _silent.Dispose();
    }

    protected override async Task BegunAsync()
    {
        while (EffectsAt(_silent).Count == 0) await Task.Delay(5);
    }

    protected override IReadOnlyList<PolicyEffect> Effects() => EffectsAt(_receiver);

    private static IReadOnlyList<PolicyEffect> EffectsAt(HttpReceiver receiver)
    {
        lock (receiver.Received) return [.. receiver.Received.Select(EffectOf)];
    }

    private static PolicyEffect EffectOf(ReceivedRequest request)
    {
        using JsonDocument body = JsonDocument.Parse(request.Body);
        string data = body.RootElement.GetProperty("data").GetRawText();
        return new(request.Headers["Webhook-Id"].Replace('~', '.'), data);
    }

    private static Rule RuleTo(HttpReceiver receiver) =>
        new() { Name = "hook", When = new(), Policy = "webhook", Webhook = receiver.Url };
}
