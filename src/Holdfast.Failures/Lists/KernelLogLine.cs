// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>One line of a kernel log, understood.</summary>
internal ref struct KernelLogLine
{
    /// <summary>Bytes of the kernel's sector, the unit of the block layer and of XFS's disk addresses.</summary>
    public const long SectorSize = 512;

    private const int NameBytesMax = 64;

    // REQ_OP_READ, in the low eight bits where a kernel prints operation and flags as one number.
    private const long ReadOperation = 0;
    private const long OperationMask = 0xff;
    private const long PassThroughOperationMin = 32;

    // Errors of XFS that tell of a failed read: EIO, ENODATA (a medium error), EILSEQ (protection information).
    private const long InputOutput = 5;
    private const long MediumError = 61;
    private const long ProtectionError = 84;

    // EBADMSG and EUCLEAN: read, and a checksum or a check failed.
    private const long BadChecksum = 74;
    private const long Corrupted = 117;

    public KernelLogMeaning Meaning { get; private set; }

    public ReadOnlySpan<byte> Device { get; private set; }

    /// <summary>In units of <see cref="Unit"/>.</summary>
    public long Start { get; private set; }

    /// <summary>In units of <see cref="Unit"/>; 0 where the line gives none.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes a unit; 0 for blocks of the page cache.</summary>
    public long Unit { get; private set; }

    public string Problem { get; private set; }

    /// <summary>How many messages were left out, for <see cref="KernelLogMeaning.Suppressed"/>.</summary>
    public long SuppressedCount { get; private set; }

    public static KernelLogLine Parse(ReadOnlySpan<byte> line)
    {
        KernelLogLine parsed = default;
        parsed.Problem = "";
        int error = line.IndexOf(" error"u8);
        // Nearly every line of a log ends here.
        if (error < 0 && line.IndexOf(" callbacks suppressed"u8) >= 0) parsed.ParseSuppressed(line);
        while (error >= 0 && parsed.Meaning == KernelLogMeaning.Nothing)
        {
            int behind = error + " error"u8.Length;
            parsed.ParseError(line[..error], new TextCursor(line[behind..]));
            int next = line[behind..].IndexOf(" error"u8);
            error = next < 0 ? -1 : behind + next;
        }

        return parsed;
    }

    private void ParseError(ReadOnlySpan<byte> before, TextCursor behind)
    {
        if (behind.TrySkip(", dev "u8)) ParseRequest(before, behind);
        else if (behind.TrySkip(" on dev "u8) || behind.TrySkip(" on device "u8)) ParseBuffer(before, behind);
        else if (EndsWithWord(before, "metadata I/O"u8)) ParseMetadata(before, behind);
        else if (behind.TrySkip(" occurred: meta-data dev "u8)) ParseOldMetadata(before, behind);
    }

    /// <summary>"critical medium error, dev sda, sector 123 op 0x0:(READ) flags 0x0 …", from the block layer.</summary>
    private void ParseRequest(ReadOnlySpan<byte> before, TextCursor cursor)
    {
        bool medium = EndsWithWord(before, "I/O"u8) || EndsWithWord(before, "critical medium"u8) ||
            EndsWithWord(before, "protection"u8);
        if (!cursor.TrySkipName(NameBytesMax, out ReadOnlySpan<byte> device) || !cursor.TrySkip(", sector "u8))
        {
            if (medium) Refuse("an I/O error without \"dev NAME, sector N\"");
            return;
        }

        // What has no place (a flush, a pass-through command) has 2^64 - 1 for its sector.
        if (!medium || cursor.Rest.StartsWith("18446744073709551615"u8))
        {
            Meaning = KernelLogMeaning.OtherError;
            return;
        }

        NumberFault fault = cursor.ReadDecimal(out long sector);
        long operation = Operation(cursor);
        if (fault != NumberFault.None) Refuse("the sector is " + fault.Text());
        else if (operation >= PassThroughOperationMin) Meaning = KernelLogMeaning.OtherError;
        else if (operation != ReadOperation) Meaning = KernelLogMeaning.FailedWrite;
        else Blame(device, sector, 0, SectorSize);
    }

    /// <summary>
    /// " op 0x0:(READ) flags …" since Linux 5.1; " flags 80700" with the operation in its low bits in 4.17 to 5.0;
    /// older lines do not say, and are taken for reads.
    /// </summary>
    private static long Operation(TextCursor cursor)
    {
        if (cursor.TrySkip(" op 0x"u8)) return cursor.ReadHex(out long operation) == NumberFault.None ? operation : 0;
        if (!cursor.TrySkip(" flags "u8)) return ReadOperation;
        return cursor.ReadHex(out long flags) == NumberFault.None ? flags & OperationMask : ReadOperation;
    }

    /// <summary>"Buffer I/O error on dev sdb1, logical block 25600, async page read", from the page cache.</summary>
    private void ParseBuffer(ReadOnlySpan<byte> before, TextCursor cursor)
    {
        if (!EndsWithWord(before, "Buffer I/O"u8)) return;
        if (!cursor.TrySkipName(NameBytesMax, out ReadOnlySpan<byte> device) || !cursor.TrySkip(", logical block "u8))
        {
            Refuse("a buffer I/O error without \"dev NAME, logical block N\"");
            return;
        }

        NumberFault fault = cursor.ReadDecimal(out long block);
        if (fault != NumberFault.None) Refuse("the logical block is " + fault.Text());
        else if (cursor.Rest.StartsWith(", lost "u8)) Meaning = KernelLogMeaning.FailedWrite;
        else Blame(device, block, 0, 0);
    }

    /// <summary>
    /// "XFS (sdb1): metadata I/O error in "xfs_da_read_buf+0x.." at daddr 0x48 len 8 error 5" since Linux 4.19, before
    /// that "XFS (sdb1): metadata I/O error: block 0x48 ("xfs_trans_read_buf_map") error 5 numblks 8".
    /// </summary>
    private void ParseMetadata(ReadOnlySpan<byte> before, TextCursor cursor)
    {
        int open = before.LastIndexOf("XFS ("u8);
        var name = new TextCursor(open < 0 ? default : before[(open + "XFS ("u8.Length)..]);
        if (!name.TrySkipName(NameBytesMax, out ReadOnlySpan<byte> device) || !name.TrySkip("): "u8))
        {
            Refuse("a metadata I/O error without \"XFS (NAME)\"");
            return;
        }

        if (IsWriter(cursor.Rest))
        {
            Meaning = KernelLogMeaning.FailedWrite;
            return;
        }

        bool old = cursor.TrySkip(": block 0x"u8);
        if (!old && !cursor.TrySkipTo(" at daddr 0x"u8))
        {
            Refuse("a metadata I/O error without \"at daddr 0xN\"");
            return;
        }

        NumberFault fault = cursor.ReadHex(out long start);
        long count = 0;
        long error = 0;
        bool whole = old
            ? ReadNumber(ref cursor, " error "u8, out error) && ReadNumber(ref cursor, " numblks "u8, out count)
            : ReadNumber(ref cursor, " len "u8, out count) && ReadNumber(ref cursor, " error "u8, out error);
        if (fault != NumberFault.None) Refuse("the disk address is " + fault.Text());
        else if (!whole) Refuse("a metadata I/O error without a length and an error number");
        else Weigh(device, start, count, error);
    }

    /// <summary>
    /// "XFS (sda1): I/O error occurred: meta-data dev sda1 block 0x48       ("xlog_iodone") error 5 buf count 4096", of
    /// Linux before 3.2.
    /// </summary>
    private void ParseOldMetadata(ReadOnlySpan<byte> before, TextCursor cursor)
    {
        if (!EndsWithWord(before, "I/O"u8)) return;
        long error = 0;
        long bytes = 0;
        ReadOnlySpan<byte> writer = cursor.Rest;
        if (!cursor.TrySkipName(NameBytesMax, out ReadOnlySpan<byte> device) || !cursor.TrySkip(" block 0x"u8) ||
            cursor.ReadHex(out long start) != NumberFault.None ||
            !ReadNumber(ref cursor, " error "u8, out error) || !ReadNumber(ref cursor, " buf count "u8, out bytes))
        {
            Refuse("a metadata I/O error without \"dev NAME block 0xN … error N buf count N\"");
            return;
        }

        if (IsWriter(writer)) Meaning = KernelLogMeaning.FailedWrite;
        else Weigh(device, start, bytes / SectorSize, error);
    }

    /// <summary>
    /// Whether the function that the line names ends writes. XFS prints one text for both; a failed read is named
    /// after who wanted the buffer.
    /// </summary>
    private static bool IsWriter(ReadOnlySpan<byte> text) =>
        text.IndexOf("\"xfs_buf_io"u8) >= 0 || text.IndexOf("\"xfs_bwrite"u8) >= 0 ||
        text.IndexOf("\"xlog_bwrite"u8) >= 0 || text.IndexOf("\"xlog_iodone"u8) >= 0;

    private static bool ReadNumber(ref TextCursor cursor, ReadOnlySpan<byte> name, out long number)
    {
        number = 0;
        if (!cursor.TrySkipTo(name)) return false;
        cursor.TrySkip((byte)'-');
        return cursor.ReadDecimal(out number) == NumberFault.None;
    }

    private void Weigh(ReadOnlySpan<byte> device, long start, long count, long error)
    {
        if (error is InputOutput or MediumError or ProtectionError) Blame(device, start, count, SectorSize);
        else if (error is BadChecksum or Corrupted) Meaning = KernelLogMeaning.DamagedMetadata;
        else Meaning = KernelLogMeaning.OtherError;
    }

    /// <summary>"blk_print_req_error: 27 callbacks suppressed", from the rate limit of one of these lines.</summary>
    private void ParseSuppressed(ReadOnlySpan<byte> line)
    {
        var cursor = new TextCursor(line);
        if (!cursor.TrySkipTo("_req_error: "u8) && !cursor.TrySkipTo("blk_update_request: "u8) &&
            !cursor.TrySkipTo("buffer_io_error: "u8) && !cursor.TrySkipTo("XFS: metadata IO error: "u8))
        {
            return;
        }

        if (cursor.ReadDecimal(out long count) != NumberFault.None) return;
        Meaning = KernelLogMeaning.Suppressed;
        SuppressedCount = count;
    }

    private void Blame(ReadOnlySpan<byte> device, long start, long count, long unit)
    {
        Meaning = KernelLogMeaning.FailedRead;
        Device = device;
        Start = start;
        Count = count;
        Unit = unit;
    }

    private void Refuse(string problem)
    {
        Meaning = KernelLogMeaning.Wrong;
        Problem = problem;
    }

    private static bool EndsWithWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (!text.EndsWith(word)) return false;
        ReadOnlySpan<byte> before = text[..^word.Length];
        return before.IsEmpty || !char.IsAsciiLetterOrDigit((char)before[^1]) || EndsWithColour(before);
    }

    /// <summary>Escape, '[', numbers, 'm': what dmesg puts before a message on a terminal.</summary>
    private static bool EndsWithColour(ReadOnlySpan<byte> text)
    {
        int escape = text.LastIndexOf("\e["u8);
        if (escape < 0 || text[^1] != 'm') return false;
        // Digits, and the ':' and ';' behind them in ASCII.
        return !text[(escape + 2)..^1].ContainsAnyExceptInRange((byte)'0', (byte)';');
    }
}
