// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;
using Holdfast.Core.Tests.Simulation;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Holders;

/// <summary>Two disks, a registry of their holders, and reports of what is bad on them.</summary>
public abstract class HolderScene : IDisposable
{
    private protected const long Half = 1 << 20;
    private protected static readonly DeviceIdentity Disk = new("serial:1", true, "/dev/sda", 2 * Half);
    private protected static readonly DeviceIdentity Other = new("serial:2", true, "/dev/sdb", 2 * Half);

    private int _keys;

    private protected HolderScene()
    {
        Ledger = new(Time);
        var ids = new FailureIds(Time, new Random(1));
        Registry = new(ids);
        Reconciler = new(ids);
    }

    private protected SimulatedTime Time { get; } = new();

    private protected MemoryLedger Ledger { get; }

    private protected HolderRegistry Registry { get; }

    private protected Reconciler Reconciler { get; }

    public void Dispose()
    {
        Ledger.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static HolderClaim Claim(
        string name, DeviceIdentity device, long offset, long length, HolderState state = HolderState.Claimed,
        long? epoch = null, string? uuid = null) => new()
    {
        Name = name,
        Ranges = [new(device, DeviceRole.Data, new(offset, length))],
        State = state,
        Filesystem = uuid is null && state == HolderState.Claimed ? null : new("xfs", uuid ?? "a", null),
        Lease = TimeSpan.FromSeconds(60),
        Epoch = epoch,
    };

    private protected Holder Put(HolderClaim claim) => Registry.Put(Ledger.Session, claim);

    private protected void Report(
        DeviceIdentity device, long offset, long length, FailureKind kind = FailureKind.Media,
        MediumState medium = MediumState.Suspect) => Reconciler.Apply(Ledger.Session, new Report
    {
        Key = $"{_keys++}", Source = "test", Device = device, Kind = kind, Medium = medium, Basis = ReportBasis.Error,
        Ranges = ByteRangeSet.From([new(offset, length)]),
    });
}
