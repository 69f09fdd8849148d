// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Linux.Policies;

namespace Holdfast.Daemon;

/// <summary>All policies that a rule may name.</summary>
internal static class PolicyList
{
    internal static IReadOnlyList<IPolicy> All() =>
    [
        new LogPolicy(new JournalSink(JournalSink.SocketPath, Console.Error)),
        new WebhookPolicy(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
            TimeProvider.System, Environment.MachineName),
        new CommandPolicy(),
    ];
}
