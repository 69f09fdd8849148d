// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>One daemon a ledger: two that write and checkpoint could lose what either has accepted (C1).</summary>
public sealed class LedgerLockTests
{
    [Fact]
    public async Task C1_a_second_daemon_with_another_socket_is_refused_and_says_which_file_is_held()
    {
        using var place = new DaemonPlace();
        using DaemonProcess first = await DaemonProcess.StartAsync(place);
        string id = await first.Api.ReportAsync("a", place.Image("disk.img"), 0);
        using var other = new DaemonPlace();
        other.Write(File.ReadAllText(other.Configuration)
            .Replace(other.PathOf("state/ledger.db"), place.Ledger, StringComparison.Ordinal));
        (int status, string errors) = await DaemonProcess.RunAsync("--config", other.Configuration);
        Assert.Equal(8, status);
        Assert.Contains($"{place.Ledger} is another daemon's", errors);
        Assert.DoesNotContain("   at ", errors);

        // What only reads is not kept out, and what is held goes on.
        Assert.Empty(LedgerFile.Check(place.Ledger));
        string copy = place.PathOf("copy.db");
        LedgerFile.Backup(place.Ledger, copy);
        Assert.Empty(LedgerFile.Check(copy));
        await first.Api.DoAsync("GET", $"/v1/failures/{id}");
        await first.Api.ReportAsync("b", place.Image("disk.img"), 8192);

        // A kill frees it: the lock is the kernel's, the file that stays says nothing.
        await first.KillAsync();
        Assert.True(File.Exists(place.Ledger + ".lock"));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(place.Ledger + ".lock"));
        using DaemonProcess second = await DaemonProcess.StartAsync(other);
        await second.Api.DoAsync("GET", $"/v1/failures/{id}");
    }

    [Fact]
    public async Task A_folder_is_said_to_be_no_ledger()
    {
        using var place = new DaemonPlace();
        Directory.CreateDirectory(place.Ledger);
        (int status, string errors) = await DaemonProcess.RunAsync("--config", place.Configuration);
        Assert.Equal(8, status);
        Assert.Equal($"holdfastd: {place.Ledger} is a folder, not a ledger\n", errors);
    }
}
