// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Examples;

/// <summary>
/// Goal: a program that is told of a lost page of its data file survives the loss.
/// Method: the example has its data file open on a mounted XFS; the daemon holds a copy of that filesystem's image; a
/// sector under one page is reported, and the page is overwritten with zeros, as rescued disks have them.
/// </summary>
public sealed partial class PageStoreTests
{
    private const int PageSize = 4096;
    private const int LostPage = 17;
    private const string Uuid = "0f1e2d3c-0000-4000-8000-00000000beef";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [RootFact(Needs.MountedXfs)]
    public async Task The_example_survives_losing_a_page()
    {
        using var place = new DaemonPlace();
        using var scratch = new Scratch("pagestore");
        string image = place.Image("disk.img", 320 << 20);
        string copy = place.PathOf("copy.img");
        ProgramRun.Require("mkfs.xfs", "-q", "-m", $"uuid={Uuid}", image);
        using LoopMount mount = LoopMount.Writable(new(image), scratch);
        string data = Path.Combine(mount.Point, "store", "data");
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        using var client = new DaemonClient(place.Socket);
        using Process store = Start(place.Socket, data, place.PathOf("replica"), "64");
        try
        {
            Assert.Equal("watching 64 pages", await LineAsync(store));
            // All of it is on the image: what is copied now is what a daemon finds on an unmounted disk.
            ProgramRun.Require("xfs_freeze", "-f", mount.Point);
            ProgramRun.Require("cp", "--sparse=always", image, copy);
            ProgramRun.Require("xfs_freeze", "-u", mount.Point);
            await WaitForPartyAsync(client);
            byte[] before = await File.ReadAllBytesAsync(data);
            long sector = PhysicalOf(data, LostPage * PageSize) + 512;
            await LoseAsync(client, copy, data, sector);
            Assert.Equal($"page {LostPage} was lost, restored", await LineAsync(store));
            Assert.Equal("acknowledged", await LineAsync(store));
            Assert.Equal(before, await File.ReadAllBytesAsync(data));
            PartyJson party = (await client.ListPartiesAsync()).Items.Single(at => at.Name == "pagestore");
            Assert.Equal(0, party.Behind);
        }
        finally
        {
            store.Kill();
            await store.WaitForExitAsync();
        }
    }

    private static async Task LoseAsync(DaemonClient client, string device, string data, long sector)
    {
        HolderJson claimed = await client.PutHolderAsync("disk", Claim(device, "claimed", null));
        using (var file = new FileStream(data, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = LostPage * PageSize;
            file.Write(new byte[PageSize]);
        }

        await client.ReportAsync(new ReportRequest
        {
            Key = "1", Source = "test", Device = device, Basis = "error", Ranges = [new(sector, 512)],
        });
        await client.PutHolderAsync("disk", Claim(device, "live", claimed.Epoch));
    }

    private static HolderRequest Claim(string device, string state, long? epoch) => new()
    {
        Ranges = [new(device, "data", 0, 0)], State = state, LeaseS = 600, Epoch = epoch,
        Fs = state == "claimed" ? null : new("xfs", Uuid, null),
    };

    private static async Task WaitForPartyAsync(DaemonClient client)
    {
        while ((await client.ListPartiesAsync()).Items.All(party => party.Name != "pagestore")) await Task.Delay(20);
    }

    private static Process Start(params string[] arguments)
    {
        string program = Checkout.PathOf("examples/PageStore/bin/Release/net10.0/pagestore.dll");
        return Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
    }

    private static async Task<string?> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>xfs_bmap counts blocks of 512 bytes.</summary>
    private static long PhysicalOf(string path, long offset)
    {
        foreach (Match at in Extent().Matches(ProgramRun.Require("xfs_bmap", path).Text))
        {
            long[] numbers = [.. at.Groups.Values.Skip(1).Select(
                group => long.Parse(group.Value, CultureInfo.InvariantCulture) * 512)];
            if (offset >= numbers[0] && offset < numbers[1] + 512) return numbers[2] + offset - numbers[0];
        }

        throw new InvalidOperationException("the page has no extent");
    }

    [GeneratedRegex(@"\[(\d+)\.\.(\d+)\]: (\d+)\.\.")]
    private static partial Regex Extent();
}
