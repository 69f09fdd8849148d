// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Daemon.Tests;

/// <summary>A real XFS whose log holds what is nowhere else, unmounted, behind a holder.</summary>
public sealed class ResolverTests
{
    private const string Uuid = "0c0ffee0-5a4d-4e6f-8c0d-0123456789ab";

    /// <summary>C3, C4, C12: deferred while its holder is not ready, then replayed with what the log's recovery
    /// shows.</summary>
    [Fact]
    public async Task What_came_too_early_is_replayed_with_the_impacts_of_the_recovered_filesystem()
    {
        using var place = new DaemonPlace();
        string image = place.PathOf("crashed.img");
        await using (var packed = new GZipStream(
            File.OpenRead(Checkout.PathOf("samples", "crashed.img.gz")), CompressionMode.Decompress))
        await using (FileStream file = File.Create(image))
        {
            await packed.CopyToAsync(file);
        }

        ByteRange bad = PlaceOfThesis(image);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", """{"filter": {"path": "thesis"}}""");
        JsonElement holder = await daemon.Api.DoAsync("PUT", "/v1/holders/laptop", Claim(image, "claimed", null));
        long epoch = holder.GetProperty("epoch").GetInt64();
        await daemon.Api.ReportAsync("a", image, bad.Offset, bad.Length);
        JsonElement early = await daemon.Api.DoAsync("GET", "/v1/parties/me/notices");
        Assert.Equal(0, early.GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await daemon.Api.DoAsync("GET", "/v1/status")).GetProperty("waiting").GetInt64());

        using EventReader events = await daemon.Api.ListenAsync("/v1/parties/me/notices");
        await daemon.Api.DoAsync("PUT", "/v1/holders/laptop", Claim(image, "log_recovered", epoch));
        (long? _, JsonElement notice) = (await events.NextAsync())!.Value;
        Assert.True(notice.GetProperty("replayed").GetBoolean());
        Assert.True(notice.GetProperty("complete").GetBoolean());
        Assert.Equal(Uuid, notice.GetProperty("fs").GetProperty("uuid").GetString());
        Assert.Equal(ImpactsOf(image, bad), notice.GetProperty("impacts").GetRawText());
        JsonElement own = await daemon.Api.DoAsync("GET", "/v1/parties/laptop/notices");
        Assert.Equal(1, own.GetProperty("items").GetArrayLength());
    }

    private static string Claim(string image, string state, long? epoch) =>
        RouteTests.Claim(image, state, epoch).Replace("11111111-2222-3333-4444-555555555555", Uuid);

    private static RecoveredVolume Open(DeviceBlockSource device, ByteRangeSet bad) =>
        new ClaimedDevices(new DistrustingBlockSource(device, bad), null).ReadSuperblock(out _)!
            .PrepareStructures().Recover(RecoveryDepth.Mounted, out _)!;

    private static ByteRange PlaceOfThesis(string image)
    {
        using var device = DeviceBlockSource.Open(image);
        RecoveredVolume volume = Open(device, ByteRangeSet.Empty);
        LocateAnswer answer = new Locator(volume.Volume).Locate(ByteRangeSet.From([new(0, device.Length)]));
        Impact hit = answer.Impacts.First(impact => impact.Severity == Severity.FileData
            && impact.Paths.Any(path => path.ToString().EndsWith("thesis/thesis.tex", StringComparison.Ordinal)));
        return new(hit.Physical, 4096);
    }

    private static string ImpactsOf(string image, ByteRange bad)
    {
        using var device = DeviceBlockSource.Open(image);
        RecoveredVolume volume = Open(device, ByteRangeSet.From([bad]));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (Impact impact in new Locator(volume.Volume).Locate(ByteRangeSet.From([bad])).Impacts)
            {
                ImpactJson.Write(json, impact);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
