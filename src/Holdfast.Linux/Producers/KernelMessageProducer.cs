// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Runtime.InteropServices;
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Producers;

/// <summary>
/// The kernel's messages of failed reads (/dev/kmsg, dev-kmsg in the kernel's ABI documents): back to the boot, but no
/// more of them than its rate limit lets through. What is older than the daemon is believed of devices that have an
/// identity of their own. A record is "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS…;MESSAGE".
/// </summary>
public sealed class KernelMessageProducer(KernelRoots roots, IEventListener listener) : IProducer
{
    public const string Source = "kernel:log";
    private const int RecordMax = 8192;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _passing = [];
    private ulong _lastOld;

    public string Name => "kernel-log";

    /// <summary>Looks which messages are older than this moment.</summary>
    public unsafe void Prepare()
    {
        using SafeFileHandle log = Native.Open(
            Path.Combine(roots.Dev, "kmsg"), Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);
        if (log.IsInvalid) return;
        byte[] record = new byte[RecordMax];
        fixed (byte* start = record)
        {
            while (true)
            {
                nint length = Native.Read((int)log.DangerousGetHandle(), start, RecordMax);
                if (length < 0 && Marshal.GetLastPInvokeError() == Native.EPIPE) continue;
                if (length <= 0) return;
                if (TryParse(record.AsSpan(0, (int)length), out ulong sequence, out _)) _lastOld = sequence;
            }
        }
    }

    public Task RunAsync(IReportIntake intake, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Run(intake, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private unsafe void Run(IReportIntake intake, CancellationToken cancellationToken)
    {
        string path = Path.Combine(roots.Dev, "kmsg");
        using SafeFileHandle log = Native.Open(path, Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);
        if (log.IsInvalid) throw KernelRefusal.Last(path, "open");
        string boot = File.ReadAllText(Path.Combine(roots.Proc, "sys/kernel/random/boot_id")).Trim();
        var report = new EventReport(intake, listener, Source, roots);
        byte[] record = new byte[RecordMax];
        while (!cancellationToken.IsCancellationRequested)
        {
            nint length;
            fixed (byte* start = record) length = Native.Read((int)log.DangerousGetHandle(), start, RecordMax);
            if (length > 0)
            {
                Take(report, boot, record.AsSpan(0, (int)length), cancellationToken);
                continue;
            }

            int errno = length < 0 ? Marshal.GetLastPInvokeError() : 0;
            // What was overwritten before it was read is gone; the next read goes on with what is there.
            if (errno == Native.EPIPE) listener.Lost(Name, -1);
            else if (errno is not Native.EAGAIN and not Native.EINTR) throw KernelRefusal.Last(path, "read");
            if (errno != Native.EAGAIN) continue;
            var polled = new Polled { Descriptor = (int)log.DangerousGetHandle(), Events = Native.POLLIN };
            _ = Native.Poll(&polled, 1, (int)LookEvery.TotalMilliseconds);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Take(
        EventReport report, string boot, ReadOnlySpan<byte> record, CancellationToken cancellationToken)
    {
        if (!TryParse(record, out ulong sequence, out ReadOnlySpan<byte> text)) return;
        int end = text.IndexOf((byte)'\n');
        KernelLog log = KernelLog.Read(
            new MemoryStream((end < 0 ? text : text[..end]).ToArray(), writable: false), new KernelLogOptions());
        // What was left out before there was a daemon is nothing that it lost.
        if (log.Tally.Suppressed > 0 && sequence > _lastOld) listener.Lost(Name, log.Tally.Suppressed);
        foreach (KernelLogDevice found in log.Devices)
        {
            bool isOld = sequence <= _lastOld;
            if (isOld && _passing.Contains(found.Name)) continue;
            if (BlockDevice.Find(roots, found.Name) is not { } disk) continue;
            // There may be thousands of old lines of one that is not believed.
            if (isOld && DeviceIdentities.Find(disk.Node, roots) is not { IsStable: true })
            {
                _passing.Add(found.Name);
                continue;
            }

            // A name that is given anew (loop0, dm-1) may have been another device's when the message was written; a
            // message read again after a start is the same report.
            report.Send(
                disk, ByteRangeSet.From(found.Ranges.Select(range => range.Range)), $"{boot}:{sequence}",
                isOld, cancellationToken);
        }
    }

    /// <summary>False for what a program wrote there: the kernel's facility, above three bits of level, is 0.</summary>
    private static bool TryParse(ReadOnlySpan<byte> record, out ulong sequence, out ReadOnlySpan<byte> text)
    {
        sequence = 0;
        text = default;
        int message = record.IndexOf((byte)';') + 1;
        int comma = record.IndexOf((byte)',') + 1;
        if (message == 0 || comma == 0) return false;
        if (!Utf8Parser.TryParse(record[comma..], out sequence, out _)) return false;
        text = record[message..];
        return Utf8Parser.TryParse(record, out int priority, out _) && priority >> 3 == 0;
    }
}
