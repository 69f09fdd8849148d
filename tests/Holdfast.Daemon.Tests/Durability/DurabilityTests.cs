// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Xunit.Abstractions;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>
/// C1 and C7 on a real disk. Killing a process tests that a restart goes on where the last run stopped; only a
/// filesystem that stops without a flush tests that what was accepted is on the disk.
/// </summary>
public sealed class DurabilityTests(ITestOutputHelper output)
{
    [RootFact]
    public async Task C1_C7_Killed_at_random_moments_nothing_accepted_is_lost_and_no_effect_happens_twice()
    {
        int times = Number("HOLDFAST_KILLS", 5);
        await using var run = new DurabilityRun(Number("HOLDFAST_DURABILITY_SEED", 1));
        await RunAsync(run, times, () =>
        {
            run.Kill();
            return Task.CompletedTask;
        });
    }

    [RootFact]
    public async Task C1_C7_The_disk_below_stops_without_a_flush_and_nothing_accepted_is_lost()
    {
        int times = Number("HOLDFAST_SHUTDOWNS", 3);
        await using var run = new DurabilityRun(Number("HOLDFAST_DURABILITY_SEED", 2));
        await RunAsync(run, times, async () =>
        {
            // Never within an fsync: Linux 6.18 says of one that a forced shutdown of XFS overtakes that it succeeded,
            // now and then, and what it was asked for is not on the device (a loop of write and fdatasync shows it).
            // A machine that stops gives no such answer.
            PausedProcess.Stop(run.Daemon.Id);
            run.Disk.Crash();
            // Sometimes at once, sometimes after it has refused for a while.
            if (run.Random.Next(2) == 0)
            {
                PausedProcess.GoOn(run.Daemon.Id);
                await Task.Delay(run.Random.Next(50));
            }

            run.Kill();
            run.Disk.Unmount();
            run.Disk.Mount("rw");
        });
    }

    private async Task RunAsync(DurabilityRun run, int times, Func<Task> die)
    {
        long began = Stopwatch.GetTimestamp();
        await run.DieAsync(times, die);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{times} times, seed {run.Seed}, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s: "
                + $"{run.Clients.AcceptedCount} accepted, {run.Clients.Duplicates} of them found in the ledger when "
                + $"sent again, {run.Clients.Refused} refusals"));
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number
            : otherwise;
}
