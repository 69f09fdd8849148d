// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// The failed reads in a kernel log: text of dmesg(1) in any of its forms, /dev/kmsg, journalctl(1), a syslog file. A
/// line is known by its words, whatever stands before them. Read are the block layer's "… error, dev sdb, sector N",
/// the page cache's "Buffer I/O error on dev sdb1, logical block N" and XFS's "metadata I/O error … at daddr N len M",
/// in the forms they had since Linux 2.6.32. Only what can mean that the medium lost data counts: reads that failed
/// with "I/O", "critical medium" or "protection". Failed writes, timeouts, transport errors, metadata that was read and
/// found damaged, are counted and do not blame a range.
/// </summary>
public sealed class KernelLog
{
    internal KernelLog(IReadOnlyList<KernelLogDevice> devices, KernelLogTally tally, ListFaults faults)
    {
        Devices = devices;
        Tally = tally;
        Faults = faults;
    }

    /// <summary>
    /// The devices with failed reads, in the order in which the log first names them. More than one is the rule, as a
    /// partition's failure is the disk's too: who reads a log must choose.
    /// </summary>
    public IReadOnlyList<KernelLogDevice> Devices { get; }

    /// <summary>What the log says of errors besides the ranges.</summary>
    public KernelLogTally Tally { get; }

    /// <summary>Lines that tell of a failed read and cannot be understood; other lines are no faults.</summary>
    public ListFaults Faults { get; }

    /// <param name="stream">The log. Its I/O errors are thrown; it stays the caller's.</param>
    /// <param name="options">The sizes that the log does not give.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 512 or not a multiple of it.</exception>
    public static KernelLog Read(Stream stream, KernelLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        CheckSize(options.PhysicalSectorSize, nameof(options));
        CheckSize(options.BufferBlockSize, nameof(options));
        return new KernelLogReader(stream, options).Read();
    }

    /// <summary>The device of this name, without "/dev/"; null where the log blames none.</summary>
    public KernelLogDevice? Find(string name) => Devices.FirstOrDefault(d => d.Name == name);

    private static void CheckSize(long size, string parameter)
    {
        if (size < KernelLogLine.SectorSize || size % KernelLogLine.SectorSize != 0)
        {
            throw new ArgumentOutOfRangeException(parameter, size, "not a multiple of 512");
        }
    }
}
