// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests;

/// <summary>Where a test's notifier has its ledger, and how long it may take.</summary>
internal sealed class NotifierPlace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notifier").FullName;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    internal CancellationToken Limit => _limit.Token;

    /// <summary>With each range a file of its own, unless the test knows better.</summary>
    internal NotifierOptions Options => new()
    {
        OpenLedger = () => FailureLedger.Open(Path.Combine(_folder, "ledger.db"), TimeProvider.System),
        Time = TimeProvider.System,
        Random = new Random(1),
        Host = "test",
        Resolvers = new FileNamingResolvers(),
    };

    /// <summary>A live XFS on the first MiBs of a device.</summary>
    internal static HolderClaim Live(string name, DeviceIdentity device, long length = 1 << 20) => new()
    {
        Name = name,
        Ranges = [new(device, DeviceRole.Data, new(0, length))],
        State = HolderState.Live,
        Filesystem = new("xfs", "11111111-2222-3333-4444-555555555555", null),
        Lease = TimeSpan.FromMinutes(5),
    };

    /// <summary>An error.</summary>
    internal static Report ReportOf(string key, DeviceIdentity device, params ByteRange[] ranges) => new()
    {
        Key = key, Source = "test", Device = device, Basis = ReportBasis.Error, Ranges = ByteRangeSet.From(ranges),
    };

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _limit.Dispose();
    }
}
