// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>What is checked after steps and at the end. Each says which promise was broken.</summary>
internal static class SimulatedInvariants
{
    /// <summary>Holds at every moment.</summary>
    internal static void Check(SimulatedWorld world, SimulatedModel model)
    {
        model.FollowMoves();
        HashSet<long> moved = world.MovedInstances();
        Demand(world.Broken is null, world.Broken ?? "");
        CheckBytes(world, model);
        CheckDeltas(world);
        CheckFeed(world, moved);
        CheckEffects(world, moved);
    }

    /// <summary>Holds when all faults are over, everything is live, and nothing is left to do.</summary>
    internal static void CheckEnd(SimulatedWorld world, SimulatedModel model)
    {
        List<string> keys = world.Rows("SELECT key FROM reports", row => row.GetString(0));
        Demand(model.AcceptedKeys.IsSubsetOf(keys), "C1: an accepted report is not in the ledger");
        List<string> left = world.Rows(
            "SELECT number || ' of instance ' || coalesce(instance, 'none') || ' in state ' || state FROM notices"
                + " WHERE state IN (0, 1)",
            row => row.GetString(0));
        Demand(left.Count == 0, $"C6: never published: {string.Join("; ", left)}");
        List<string> due = world.Rows(
            "SELECT party || ' ' || sequence || ' in state ' || state FROM deliveries WHERE state IN (0, 2, 6)",
            row => row.GetString(0));
        Demand(due.Count == 0, $"C11: never settled: {string.Join("; ", due)}");
        long scanned = world.Rows("SELECT scanned FROM parties WHERE name = 'oncall'", row => row.GetInt64(0))[0];
        long last = world.Rows("SELECT value FROM meta WHERE name = 'sequence'", row => row.GetInt64(0))[0];
        Demand(scanned == last, $"C11: the feed ends at {last}, the party was told up to {scanned}");
        CheckDone(world);
    }

    private static void CheckBytes(SimulatedWorld world, SimulatedModel model)
    {
        var known = new int[world.Disks.Length, SimulatedWorld.SectorsOfDisk];
        var active = new int[world.Disks.Length, SimulatedWorld.SectorsOfDisk];
        foreach (var at in world.Rows(
            "SELECT device, offset, length, active FROM failures WHERE merged_into IS NULL",
            row => (Disk: world.DiskOf(row.GetInt64(0)), Offset: row.GetInt64(1), Length: row.GetInt64(
                2), Active: row.GetInt64(3))))
        {
            for (long sector = at.Offset / 512; sector < (at.Offset + at.Length) / 512; sector++)
            {
                known[at.Disk, sector]++;
                if (at.Active != 0) active[at.Disk, sector]++;
            }
        }

        var told = new bool[world.Disks.Length, SimulatedWorld.SectorsOfDisk];
        foreach (var at in world.Rows(
            "SELECT device, offset, length FROM notices", row =>
                (Disk: world.DiskOf(row.GetInt64(0)), Offset: row.GetInt64(1), Length: row.GetInt64(2))))
        {
            for (long sector = at.Offset / 512; sector < (
                at.Offset + at.Length) / 512; sector++) told[at.Disk, sector] = true;
        }

        for (int disk = 0; disk < world.Disks.Length; disk++)
        {
            for (int sector = 0; sector < SimulatedWorld.SectorsOfDisk; sector++)
            {
                Demand(known[disk, sector] > 0
                    || !model.IsAccepted(disk, sector), $"C8: byte lost, disk {disk} sector {sector}");
                Demand(known[disk, sector] == 0
                    || model.IsPossible(disk, sector), $"C8: byte invented, disk {disk} sector {sector}");
                Demand(active[disk, sector] <= 1, $"C8: two active failures, disk {disk} sector {sector}");
                Demand(told[disk, sector]
                    || !model.IsAccepted(disk, sector), $"C8: no notice of disk {disk} sector {sector}");
            }
        }
    }

    /// <summary>
    /// Deltas add up to the bytes: what is already known to be bad is not news again, unless something was taken back.
    /// </summary>
    private static void CheckDeltas(SimulatedWorld world)
    {
        HashSet<long> superseded = [.. world.Rows(
            "SELECT device, offset, length FROM failures WHERE superseded",
            row => (Device: row.GetInt64(0), First: row.GetInt64(1) / 512, Count: row.GetInt64(2) / 512))
            .SelectMany(at => Enumerable.Range(0, (int)at.Count)
                .Select(i => KeyOf(at.Device, 0, at.First + i) % Kind))];
        var known = new HashSet<long>();
        foreach (var at in world.Rows(
            "SELECT device, kind, offset, length, cause, number FROM notices WHERE cause IN (0, 2, 3) ORDER BY number",
            row => (Device: row.GetInt64(0), Kind: row.GetInt64(1), Offset: row.GetInt64(2), Length: row.GetInt64(3),
                Cause: (NoticeCause)row.GetInt64(4), Number: row.GetInt64(5))))
        {
            for (long sector = at.Offset / 512; sector < (at.Offset + at.Length) / 512; sector++)
            {
                long key = KeyOf(at.Device, at.Kind, sector);
                if (at.Cause != NoticeCause.Reported) known.Remove(key);
                else Demand(
                    known.Add(key) || superseded.Contains(key % Kind),
                    $"C8: notice {at.Number} tells sector {sector} of device {at.Device} once more");
            }
        }
    }

    private const long Kind = 1L << 40;

    private static long KeyOf(long device, long kind, long sector) => (kind * Kind) + (device << 20) + sector;

    private static void CheckFeed(SimulatedWorld world, HashSet<long> moved)
    {
        long wanted = 0;
        var numbers = new Dictionary<(long, int), long>();
        foreach (var at in world.Rows(
            "SELECT sequence, number, coalesce(instance, 0), cause, device, offset FROM notices"
                + " WHERE sequence IS NOT NULL ORDER BY sequence",
            row => (Sequence: row.GetInt64(0), Number: row.GetInt64(1), Instance: row.GetInt64(2),
                Cause: row.GetInt64(3), Device: row.GetInt64(4), Offset: row.GetInt64(5))))
        {
            Demand(at.Sequence == ++wanted, $"C8: the feed has a hole before {at.Sequence}");
            if (at.Instance == 0 || at.Cause == 5) continue;
            (long, int) lane = LaneOf(world, moved, at.Instance, at.Device, at.Offset);
            Demand(
                numbers.GetValueOrDefault(lane) < at.Number,
                $"C8: notice {at.Number} of instance {at.Instance} was published behind "
                    + $"{numbers.GetValueOrDefault(lane)}");
            numbers[lane] = at.Number;
        }
    }

    /// <summary>
    /// What has one order: a filesystem; of one that moved each place, since it was two until somebody said so.
    /// </summary>
    private static (long Instance, int Region) LaneOf(
        SimulatedWorld world, HashSet<long> moved, long instance, long device, long offset) =>
        (instance, moved.Contains(instance) ? world.RegionOf(device, offset) : 0);

    private static void CheckEffects(SimulatedWorld world, HashSet<long> moved)
    {
        var seen = new HashSet<(string, string, long)>();
        var last = new Dictionary<(string, (long, int)), long>();
        foreach (Effect effect in world.Effects)
        {
            if (!effect.Notice.IsDurable)
            {
                Demand(effect.Policy != "once", "C7: what is not durable yet has done something that cannot be undone");
                continue;
            }

            bool isFirst = seen.Add((effect.Policy, effect.Party, effect.Notice.Number));
            Demand(isFirst || effect.Policy != "once" || world.IsOrderedAgain,
                $"C7: {effect.Policy} happened twice for notice {effect.Notice.Number}");
            if (!isFirst || world.MayReplay) continue;
            Notice notice = effect.Notice;
            (string, (long, int)) lane = (
                effect.Party, LaneOf(world, moved, notice.Instance ?? 0, notice.Device, notice.Range.Offset));
            long sequence = effect.Notice.Sequence!.Value;
            Demand(last.GetValueOrDefault(
                lane) < sequence, $"C8: effect of {sequence} behind that of {last.GetValueOrDefault(lane)}");
            last[lane] = sequence;
        }
    }

    private static void CheckDone(SimulatedWorld world)
    {
        HashSet<long> done = [.. world.Effects.Select(effect => effect.Notice.Sequence ?? 0)];
        foreach (long sequence in world.Rows("SELECT sequence FROM deliveries WHERE state = 3", row => row.GetInt64(0)))
        {
            Demand(done.Contains(sequence), $"C7: delivery {sequence} is said to be done, and nothing happened");
        }
    }

    private static void Demand(bool holds, string promise)
    {
        if (!holds) throw new BrokenPromiseException(promise);
    }
}

/// <summary>A promise of the contract does not hold.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);
