// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests;

/// <summary>Remembers what it was asked.</summary>
internal sealed class RecordingPolicy : IPolicy
{
    internal Channel<PolicyRequest> Requests { get; } = Channel.CreateUnbounded<PolicyRequest>();

    public string Name => "record";

    public EffectKind Effect => EffectKind.Idempotent;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        await Requests.Writer.WriteAsync(request, cancellationToken);
        return new(DeliveryState.Done, null);
    }

    public string Describe(Rule rule) => "remember it";
}
