// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core;
using Holdfast.Core.Configuration;
using Holdfast.Core.Records;

namespace Holdfast.Daemon;

/// <summary>What requests are answered from.</summary>
internal sealed record DaemonServices(
    Notifier Notifier, DaemonConfiguration Configuration, Func<string, DeviceIdentity?> FindDevice,
    Counters Counters, DateTimeOffset Started, string Version, CancellationToken Stopping)
{
    /// <summary>What does not work as it should, found by the daemon's own checks.</summary>
    internal Degradations Degradations { get; } = new();
}
