// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Linux;
using Holdfast.Linux.Policies;

namespace Holdfast.Daemon;

/// <summary>All policies that a rule may name.</summary>
internal static class PolicyList
{
    /// <param name="users">Who has a notice's lost bytes in memory.</param>
    internal static IReadOnlyList<IPolicy> All(
        ActingLimits acting, Func<Notice, CancellationToken, Task<LostBytesUsers>> users) =>
    [
        new LogPolicy(new JournalSink(JournalSink.SocketPath, Console.Error)),
        new WebhookPolicy(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
            TimeProvider.System, Environment.MachineName),
        new CommandPolicy(),
        new SignalPolicy(acting, KernelRoots.Real, users),
    ];
}
