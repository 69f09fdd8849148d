// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Holdfast.Failures.Lists;

/// <summary>
/// The unreadable blocks in the output of <c>smartctl --json</c> (smartmontools 7.0 and later) for one drive: from the
/// self-test logs of ATA, SCSI and NVMe, the pending defects of ATA and SCSI, SCSI's background scan, and the error
/// logs of ATA and NVMe. Keys as smartmontools' ataprint, scsiprint and nvmeprint write them.
/// </summary>
/// <remarks>
/// Blocks are widened to the drive's physical sector, which fails as a whole. Exact are those that a test, a scan or
/// the drive's own list of defects names; low is the confidence where a log only tells of a command that failed, of a
/// test that a later whole test found nothing wrong after, or of a failure that need not be one of the medium.
/// </remarks>
public sealed class SmartctlReport
{
    /// <summary>Largest output that is read.</summary>
    public const int BytesMax = 1 << 26;

    internal SmartctlReport(SmartctlDrive drive, IReadOnlyList<SmartctlFinding> findings, ListFaults faults)
    {
        Drive = drive;
        Findings = findings;
        Faults = faults;
    }

    public SmartctlDrive Drive { get; }

    public IReadOnlyList<SmartctlFinding> Findings { get; }

    public ListFaults Faults { get; }

    /// <summary>
    /// What was found on the block device that was asked about: without what lies in another NVMe namespace, which is
    /// another block device.
    /// </summary>
    public IReadOnlyList<ReportedRange> Ranges =>
        [.. Findings.Where(f => f.Namespace is null || f.Namespace == Drive.Namespace).Select(f => f.Reported)];

    /// <param name="stream">The output. Its I/O errors are thrown; it stays the caller's.</param>
    /// <param name="logicalBlockSize">
    /// Bytes a logical block where the output does not say: it is there with <c>-i</c>, <c>-a</c> or <c>-x</c> only.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A size that is no power of two from 512 to 1 MiB.</exception>
    public static SmartctlReport Read(Stream stream, long logicalBlockSize = SmartctlDrive.BlockSizeMin)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!SmartctlDrive.IsBlockSize(logicalBlockSize))
        {
            throw new ArgumentOutOfRangeException(nameof(logicalBlockSize), logicalBlockSize, "no block size");
        }

        var faults = new ListFaults();
        var unknown = new SmartctlDrive { LogicalBlockSize = logicalBlockSize, PhysicalBlockSize = logicalBlockSize };
        if (!TryReadAll(stream, out byte[] text))
        {
            faults.Add(0, "longer than 64 MiB: this is not one drive's smartctl output");
            return new(unknown, [], faults);
        }

        try
        {
            ReadOnlyMemory<byte> json = text.AsSpan().StartsWith("\uFEFF"u8) ? text.AsMemory(3) : text;
            using JsonDocument document = JsonDocument.Parse(json);
            return new SmartctlReader(document.RootElement, unknown, faults).Read();
        }
        catch (JsonException wrong)
        {
            faults.Add((wrong.LineNumber ?? -1) + 1, "not one JSON text: smartctl writes it when asked with --json");
            return new(unknown, [], faults);
        }
        catch (InvalidOperationException)
        {
            // How the library says that a string holds bytes that are not UTF-8, or half of a surrogate pair.
            faults.Add(0, "a string in it is not text");
            return new(unknown, [], faults);
        }
    }

    private static bool TryReadAll(Stream stream, out byte[] text)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        int count;
        while ((count = stream.Read(buffer)) > 0 && all.Length <= BytesMax) all.Write(buffer, 0, count);
        text = all.ToArray();
        return text.Length <= BytesMax;
    }
}
