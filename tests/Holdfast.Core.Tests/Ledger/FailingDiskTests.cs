// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>C1: on a full, read-only, failing or vanished disk nothing is accepted; well again, the ledger goes on by
/// itself, with everything that it had accepted.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private readonly Scratch _scratch = new("ledger");
    private readonly StepTime _time = new();

    public void Dispose() => _scratch.Dispose();

    [RootFact(Needs.MountedXfs, "mkfs.ext4")]
    public async Task C1_a_full_disk_refuses_and_is_found_well_by_itself()
    {
        using var disk = new SmallDisk(_scratch, "ext4");
        await using FailureLedger ledger = Open(disk);
        await LedgerRows.AddAsync(ledger, "before");
        disk.Fill();
        int accepted = await FillUpAsync(ledger);
        Assert.Contains("full", ledger.Trouble, StringComparison.Ordinal);
        Assert.True(await LedgerRows.HasAsync(ledger, "before"));
        disk.Free();
        await UntilWellAsync(ledger);
        await LedgerRows.AddAsync(ledger, "after");
        for (int i = 0; i < accepted; i++) Assert.True(await LedgerRows.HasAsync(ledger, $"big {i}"));
        Assert.False(await LedgerRows.HasAsync(ledger, $"big {accepted}"));
    }

    [RootFact]
    public async Task C1_a_disk_that_failed_can_be_unmounted_repaired_and_mounted_under_the_running_ledger()
    {
        using var disk = new SmallDisk(_scratch, "xfs");
        await using FailureLedger ledger = Open(disk);
        await LedgerRows.AddAsync(ledger, "before");
        Assert.True(await LedgerRows.HasAsync(ledger, "before"));
        disk.ShutDown();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        Assert.NotNull(ledger.Trouble);
        disk.Unmount();
        // The empty folder under the mount is no place to begin anew.
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Point));
        disk.Mount();
        await UntilWellAsync(ledger);
        await LedgerRows.AddAsync(ledger, "after");
        Assert.True(await LedgerRows.HasAsync(ledger, "before"));
        Assert.True(await LedgerRows.HasAsync(ledger, "after"));
        Assert.False(await LedgerRows.HasAsync(ledger, "refused"));
    }

    [RootFact(Needs.MountedXfs, "mkfs.ext4")]
    public async Task C1_a_read_only_mount_is_told_at_the_start()
    {
        using var disk = new SmallDisk(_scratch, "ext4");
        await using (FailureLedger ledger = Open(disk)) await LedgerRows.AddAsync(ledger, "before");
        disk.Unmount();
        disk.Mount("ro");
        Assert.Throws<LedgerUnavailableException>(() => Open(disk));
    }

    [Fact]
    public async Task C1_a_ledger_whose_file_was_moved_away_accepts_nothing_until_it_is_back()
    {
        string path = _scratch.PathOf("ledger.db");
        await using FailureLedger ledger = FailureLedger.Open(path, _time);
        await LedgerRows.AddAsync(ledger, "before");
        foreach (string file in Directory.GetFiles(_scratch.Folder)) File.Move(file, file + ".away");
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        Assert.False(File.Exists(path));
        foreach (string file in Directory.GetFiles(_scratch.Folder, "*.away")) File.Move(file, file[..^5]);
        await UntilWellAsync(ledger);
        Assert.True(await LedgerRows.HasAsync(ledger, "before"));
    }

    [Fact]
    public async Task C1_another_ledger_in_its_place_is_not_gone_on_with()
    {
        string path = _scratch.PathOf("ledger.db");
        await using FailureLedger ledger = FailureLedger.Open(path, _time);
        foreach (string file in Directory.GetFiles(_scratch.Folder)) File.Move(file, file + ".away");
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        await using (FailureLedger other = FailureLedger.Open(path, TimeProvider.System)) Assert.Null(other.Trouble);
        await Assert.ThrowsAsync<LedgerFormatException>(() => LedgerRows.AddAsync(ledger, "refused"));
        Assert.Contains("another ledger", ledger.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C11_nobody_waits_for_a_disk_that_hangs()
    {
        await using FailureLedger ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), _time);
        using var entered = new SemaphoreSlim(0);
        using var well = new SemaphoreSlim(0);
        Task<bool> stuck = ledger.WriteAsync(
            _ =>
            {
                entered.Release();
                return well.Wait(TimeSpan.FromMinutes(5));
            },
            default);
        await entered.WaitAsync();
        Task<long> behind = LedgerRows.AddAsync(ledger, "behind");
        for (int i = 0; i < 11; i++) await _time.PassAsync();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => stuck);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => behind);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerRows.AddAsync(ledger, "refused"));
        Assert.Contains("not answered", ledger.Trouble, StringComparison.Ordinal);
        well.Release();
        while (ledger.Trouble is not null) await Task.Yield();
        await LedgerRows.AddAsync(ledger, "after");
        Assert.False(await LedgerRows.HasAsync(ledger, "behind"));
    }

    [Fact]
    public async Task One_piece_of_work_that_SQLite_refuses_takes_nobody_with_it()
    {
        await using FailureLedger ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), _time);
        Task<long>[] all = [.. Enumerable.Range(0, 64).Select(i => LedgerRows.AddAsync(ledger, $"row {i / 2}"))];
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(all));
        Assert.Equal(32, all.Count(task => task.IsCompletedSuccessfully));
        Assert.Null(ledger.Trouble);
        Assert.True(await LedgerRows.HasAsync(ledger, "row 31"));
    }

    [Fact]
    public async Task What_fails_alone_is_undone_and_the_ledger_goes_on()
    {
        await using FailureLedger ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), _time);
        await LedgerRows.AddAsync(ledger, "before");
        Task<int> failing = ledger.WriteAsync<int>(
            session =>
            {
                LedgerRows.Add(session, "half");
                throw new InvalidOperationException("its own fault");
            },
            CancellationToken.None);
        Assert.Equal("its own fault", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Null(ledger.Trouble);
        await LedgerRows.AddAsync(ledger, "after");
        Assert.True(await LedgerRows.HasAsync(ledger, "before"));
        Assert.False(await LedgerRows.HasAsync(ledger, "half"));
        Assert.True(await LedgerRows.HasAsync(ledger, "after"));
    }

    private FailureLedger Open(SmallDisk disk) => FailureLedger.Open(Path.Combine(disk.Point, "ledger.db"), _time);

    /// <returns>How many it took before it was full.</returns>
    private static async Task<int> FillUpAsync(FailureLedger ledger)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await LedgerRows.AddAsync(ledger, $"big {i}", 256 << 10);
            }
            catch (LedgerUnavailableException)
            {
                return i;
            }
        }
    }

    /// <summary>Nobody writes: only the ledger's own probe can find out.</summary>
    private async Task UntilWellAsync(FailureLedger ledger)
    {
        for (int probes = 0; ledger.Trouble is not null; probes++)
        {
            Assert.True(probes < 20, ledger.Trouble);
            long before = ledger.Commits;
            await _time.PassAsync();
            // The probe's own commit ends before the one behind it is answered.
            try
            {
                await ledger.WriteAsync(_ => true, default);
            }
            catch (Exception fault) when (fault is LedgerUnavailableException or LedgerFormatException)
            {
                Assert.Equal(before, ledger.Commits);
            }
        }
    }
}
