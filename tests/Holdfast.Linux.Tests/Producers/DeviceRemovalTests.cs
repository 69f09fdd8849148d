// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Producers;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>
/// Devices that go and come back (C13): the kernel's messages, and a real partition that is taken away and given again.
/// </summary>
public sealed class DeviceRemovalTests
{
    private const long Mebi = 1 << 20;

    [Fact]
    public void A_message_of_the_kernel_s_is_read()
    {
        byte[] message = Encoding.ASCII.GetBytes(
            "remove@/devices/virtual/block/loop0/loop0p1\0ACTION=remove\0DEVPATH=/devices/virtual/block/loop0/loop0p1\0"
            + "SUBSYSTEM=block\0MAJOR=259\0MINOR=1\0DEVNAME=loop0p1\0DEVTYPE=partition\0DISKSEQ=7\0PARTN=1\0"
            + "SEQNUM=4711\0");
        Assert.True(Uevent.TryParse(message, out Uevent parsed));
        Assert.Equal(
            new("remove", "/devices/virtual/block/loop0/loop0p1", "block", "loop0p1", 4711), parsed);
        for (int length = 0; length < 8; length++)
        {
            Assert.False(Uevent.TryParse(message.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0")]
    [InlineData("libudev\0\xfe\xed\xca\xfe")]
    [InlineData("@/devices/x")]
    [InlineData("remove@")]
    [InlineData("remove@devices")]
    public void What_is_no_message_of_the_kernel_s_is_none(string text) =>
        Assert.False(Uevent.TryParse(Encoding.Latin1.GetBytes(text), out _));

    [RootFact(Needs.Root, "addpart", "delpart", "losetup")]
    public async Task What_has_failures_is_absent_while_it_is_away_and_what_is_nobody_s_passes()
    {
        using var scratch = new Scratch("removal");
        string image = scratch.SparseFile("disk.img", 16 * Mebi);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: false, hasPartitions: true);
        Add(loop, 1);
        Add(loop, 2);
        DeviceIdentity first = DeviceIdentities.Find(loop.Path + "p1", KernelRoots.Real)!;
        DeviceIdentity second = DeviceIdentities.Find(loop.Path + "p2", KernelRoots.Real)!;
        await using LedgerPlace place = await LedgerPlace.StartAsync();
        await place.ReportAsync(first, "somebody", MediumState.Suspect, new ByteRange(4096, 512));
        await place.ReportAsync(first, "somebody", MediumState.Readable, new ByteRange(8192, 512));
        var heard = new HeardEvents(place.Notifier);
        var producer = new DeviceRemovalProducer(
            KernelRoots.Real, heard, new(place.Notifier.StandingAsync, place.Notifier.AbsentDevicesAsync));
        const string failed = "media suspect unknown 4096+512";
        string absent = $"absent gone unknown 0+{Mebi}";
        string back = $"absent readable restored 0+{Mebi}";

        // Held to be away, and is not: that is told by the first look, after which all is heard.
        DeviceIdentity disk = DeviceIdentities.Find(loop.Path, KernelRoots.Real)!;
        await place.AbsentAsync(disk);
        using (new Run(producer, heard))
        {
            await place.UntilAsync(disk.Identity, $"absent readable restored 0+{16 * Mebi}");
            // Its neighbour is nobody's; it goes first, so that it was seen when the other one is.
            Delete(loop, 2);
            Delete(loop, 1);
            await place.UntilAsync(first.Identity, absent, failed);
            Assert.Empty(await place.FactsAsync(second.Identity));
            Add(loop, 1);
            await place.UntilAsync(first.Identity, back, failed);
            Delete(loop, 1);
            await place.UntilAsync(first.Identity, back, absent, failed);
        }

        // It comes back while nobody listens.
        Add(loop, 1);
        using (new Run(producer, heard)) await place.UntilAsync(first.Identity, back, back, failed);

        // It goes while nobody listens: who listened before knows who was there.
        Delete(loop, 1);
        using (new Run(producer, heard)) await place.UntilAsync(first.Identity, back, back, absent, failed);
        Assert.Empty(heard.Losses);
        Assert.DoesNotContain(heard.Reports, at => at.Device.Identity == second.Identity);
    }

    private static void Add(LoopDevice loop, int number) => ProgramRun.Require(
        "addpart", loop.Path, $"{number}", $"{number * 4 * Mebi / 512}", $"{Mebi / 512}");

    private static void Delete(LoopDevice loop, int number) => ProgramRun.Require("delpart", loop.Path, $"{number}");

    /// <summary>A producer at work.</summary>
    private sealed class Run : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _work;

        internal Run(DeviceRemovalProducer producer, HeardEvents heard) =>
            _work = Task.Run(() => producer.RunAsync(heard, _stop.Token));

        public void Dispose()
        {
            _stop.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => _work.GetAwaiter().GetResult());
            _stop.Dispose();
        }
    }
}
