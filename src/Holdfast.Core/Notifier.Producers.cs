// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core;

/// <summary>What producers ask before they report.</summary>
public sealed partial class Notifier
{
    private const int SuspectsMax = 10_000;

    /// <summary>Suspect bytes that somebody of a source ("kernel:") blames, a bounded number of them.</summary>
    public Task<IReadOnlyList<(DeviceIdentity Device, ByteRange Range)>> SuspectsAsync(
        string source, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => FailureQueries.Suspects(session, source, SuspectsMax), cancellationToken);

    /// <summary>What is known of a device's medium, and what of it a source has named.</summary>
    public Task<KnownFailures> KnownFailuresAsync(
        string identity, string source, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => KnownFailures.Of(session, identity, source), cancellationToken);

    /// <summary>Whether anybody has to do with a device.</summary>
    public Task<DeviceStanding> StandingAsync(string identity, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => DeviceStanding.Of(session, identity), cancellationToken);

    /// <summary>Devices that are said to be away.</summary>
    public Task<IReadOnlyList<DeviceIdentity>> AbsentDevicesAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(DeviceStanding.AllAbsent, cancellationToken);
}
