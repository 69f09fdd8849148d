// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// What outlives the daemon: disks, filesystems, the ledger's bytes, what parties have done and heard; and the daemon
/// as
/// it runs now, if it does.
/// </summary>
internal sealed class SimulatedWorld : IDisposable
{
    internal const int Sector = 512;
    internal const int SectorsOfDisk = 64;
    private static int _count;

    private readonly string _connectionString;
    private readonly SqliteConnection _keeper;

    internal SimulatedWorld(int seed)
    {
        Random = new(Mixed(seed));
        AnswersAtOnce = seed % 5 is 0 or 1;
        Time = new();
        Scheduler = new(Random);
        Disk = new(Random);
        Push = Random.Next(2) == 0
            ? new()
            : new() { DigestOver = Random.Next(1, 4), DigestMax = Random.Next(2, 9), EffectsMax = Random.Next(1, 4) };
        MayReplay = Random.Next(8) == 0;
        _connectionString = $"Data Source=sim-{Interlocked.Increment(ref _count)};Mode=Memory;Cache=Shared";
        _keeper = new(_connectionString);
        _keeper.Open();
        IsMoving = Random.Next(3) == 0;
        Disks = [.. "abc".Select((letter, i) => new DeviceIdentity(
            $"serial:{i}", true, $"/dev/sd{letter}", SectorsOfDisk * Sector))];
        bool isWide = Random.Next(3) == 0;
        HolderRange[] WithOther(HolderRange data, DeviceRole role, int first, int count) =>
            isWide ? [data, new(Disks[2], role, new(first * Sector, count * Sector))] : [data];
        Places =
        [
            new("left", "uuid-a", WithOther(Data(0, 0, 32), DeviceRole.Log, 0, 8)),
            new("right", "uuid-b", WithOther(Data(0, 32, 32), DeviceRole.Log, 8, 8)),
            new("whole", "uuid-c", WithOther(Data(1, 0, 64), DeviceRole.Realtime, 16, 24)),
        ];
        _regions = [.. Places.SelectMany(place => place.Ranges)];
    }

    private readonly HolderRange[] _regions;
    private readonly Dictionary<long, int> _devices = [];

    internal Random Random { get; }

    internal SimulatedTime Time { get; }

    internal SimulatedScheduler Scheduler { get; }

    internal SimulatedDisk Disk { get; }

    internal DeviceIdentity[] Disks { get; }

    internal SimulatedPlace[] Places { get; }

    /// <summary>Sizes of digests and lanes, this seed's.</summary>
    internal PushOptions Push { get; }

    /// <summary>Whether filesystems often appear elsewhere, and administrators judge it.</summary>
    internal bool IsMoving { get; }

    /// <summary>Whether dead deliveries are put back by hand: then they come out of their order.</summary>
    internal bool MayReplay { get; }

    /// <summary>An administrator has ordered effects once more although their outcome was unknown.</summary>
    internal bool IsOrderedAgain { get; set; }

    /// <summary>Claims (holder and epoch) that have said that their log is recovered: only they may be asked.</summary>
    internal HashSet<(string Holder, long Epoch)> Recovered { get; } = [];

    /// <summary>What a double saw that must not be; told at the next check.</summary>
    internal string? Broken { get; set; }

    /// <summary>Whether resolvers and policies misbehave now.</summary>
    internal bool IsFaulty { get; set; } = true;

    internal List<Effect> Effects { get; } = [];

    internal List<string> Trace { get; } = [];

    /// <summary>Filesystems of this seed may be asked within the ledger's commit.</summary>
    internal bool AnswersAtOnce { get; }

    internal long AnsweredAtOnce { get; set; }

    /// <summary>For tests of the simulation itself.</summary>
    internal IResolverSource? Resolvers { get; set; }

    /// <summary>Null while it is dead or starting.</summary>
    internal Notifier? Notifier { get; private set; }

    private FailureLedger? _ledger;

    internal void Note(string what) => Trace.Add(what);

    /// <summary>Begins to start the daemon on what the last one left.</summary>
    internal async Task BootAsync(Func<IPolicy, IPolicy>? wrap)
    {
        IPolicy[] policies =
        [
            new SimulatedPolicy("idem", EffectKind.Idempotent, Random, Time, () => IsFaulty, Effects),
            new SimulatedPolicy("once", EffectKind.AtMostOnce, Random, Time, () => IsFaulty, Effects),
        ];
        try
        {
            Notifier = await Notifier.StartAsync(
                new()
                {
                    OpenLedger = () => _ledger = FailureLedger.Open(_connectionString, Time, Disk),
                    Time = Time,
                    Random = new Random(Random.Next()),
                    Host = "simulated",
                    TendEvery = TimeSpan.FromSeconds(20),
                    Resolvers = Resolvers ?? new SimulatedResolvers(this),
                    Push = Push,
                    Publisher = new() { AtOnceMax = AnswersAtOnce ? 16 : 0 },
                    Rules = new(
                        [
                            new Rule { Name = "left", When = new() { Device = "/dev/sda" }, Policy = "once",
                                MaxAge = TimeSpan.FromDays(9999) },
                            new Rule { Name = "rest", When = new(), Policy = "idem", MaxAge = TimeSpan.FromDays(9999) },
                        ],
                        "hash", ActingEnabled: false),
                    Parties = [new("oncall", new(null, null, null, null))],
                    Policies = wrap is null ? policies : [.. policies.Select(wrap)],
                },
                CancellationToken.None);
        }
        catch (LedgerUnavailableException)
        {
            Note("the daemon did not start");
            _ledger = null;
        }
    }

    /// <summary>The daemon dies where it stands.</summary>
    internal void Kill()
    {
        Scheduler.Drop();
        Time.Drop();
        Notifier = null;
        _ledger?.Abandon();
        _ledger = null;
    }

    /// <summary>What is committed now.</summary>
    internal List<T> Rows<T>(string sql, Func<SqliteDataReader, T> row)
    {
        using SqliteCommand command = _keeper.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }

    internal int NumberOf(DeviceIdentity device) =>
        Array.FindIndex(Disks, disk => disk.Identity == device.Identity);

    /// <summary>The disk that the ledger means by a number.</summary>
    internal int DiskOf(long device)
    {
        if (_devices.TryGetValue(device, out int disk)) return disk;
        foreach ((long number, string identity) in Rows(
            "SELECT id, identity FROM devices", row => (row.GetInt64(0), row.GetString(1))))
        {
            _devices[number] = Array.FindIndex(Disks, at => at.Identity == identity);
        }

        return _devices[device];
    }

    /// <summary>Which range of which place a byte lies in; -1 for none.</summary>
    internal int RegionOf(long device, long offset)
    {
        string identity = Disks[DiskOf(device)].Identity;
        return Array.FindIndex(
            _regions, at => at.Device.Identity == identity && at.Range.Intersect(new(offset, 1)).Length > 0);
    }

    /// <summary>Instances that were told apart from themselves for a while, until somebody said "moved".</summary>
    internal HashSet<long> MovedInstances() => [.. Rows(
        "SELECT replaced_by FROM instances WHERE candidate_of = replaced_by", row => row.GetInt64(0))];

    /// <summary>Chance that is seeded with neighbours begins much alike.</summary>
    private static int Mixed(int seed)
    {
        unchecked
        {
            ulong mixed = (ulong)seed * 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return (int)(mixed ^ (mixed >> 31));
        }
    }

    private HolderRange Data(int disk, int first, int count) =>
        new(Disks[disk], DeviceRole.Data, new(first * Sector, count * Sector));

    internal ByteRange RandomRange()
    {
        int start = Random.Next(SectorsOfDisk);
        int length = Random.Next(1, Math.Min(9, SectorsOfDisk - start + 1));
        return new(start * Sector, length * Sector);
    }

    public void Dispose()
    {
        Kill();
        _keeper.Dispose();
    }
}
