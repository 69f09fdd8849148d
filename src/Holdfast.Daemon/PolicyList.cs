// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Daemon.Filesystems;
using Holdfast.Linux;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Policies;

namespace Holdfast.Daemon;

/// <summary>All policies that a rule may name.</summary>
internal static class PolicyList
{
    /// <param name="nameOf">The node of a device of the ledger, as it is called today.</param>
    internal static IReadOnlyList<IPolicy> All(
        DaemonConfiguration configuration, Func<long, CancellationToken, Task<string?>> nameOf)
    {
        ActingLimits acting = configuration.Acting;
        var lost = new LostBytesSearch(nameOf);
        return
        [
            new LogPolicy(new JournalSink(JournalSink.SocketPath, Console.Error)),
            new WebhookPolicy(
                new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false,
                    ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
                TimeProvider.System, Environment.MachineName),
            new CommandPolicy(),
            new SignalPolicy(acting, KernelRoots.Real, lost.FindUsersAsync),
            new OfflinePagePolicy(acting, KernelRoots.Real, nameOf),
            // What the daemon rests on is looked up each time: it may have changed since its start.
            KernelPolicy.Real(
                acting, lost.FindContentAsync, () => OwnFilesystems.Of(configuration, KernelRoots.Real)),
        ];
    }
}
