// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Holdfast.Failures.Lists;

/// <summary>Walks the logs in one drive's smartctl output.</summary>
internal sealed class SmartctlReader(JsonElement root, SmartctlDrive unknown, ListFaults faults)
{
    // ATA self-test execution status, its high four bits (ACS-4, SMART self-test log).
    private const long AtaTestFatal = 3;
    private const long AtaTestReadFailure = 7;
    private const long AtaTestFailureMax = 8;
    private const long AtaExtendedTest = 2;

    // ATA error register of a read or a read-verify: the data could not be corrected.
    private const long AtaUncorrectable = 0x40;

    // SCSI self-test results 3 to 7 are failures (SPC-4); sense key 3 is a medium error.
    private const long ScsiTestFailureMin = 3;
    private const long ScsiTestFailureMax = 7;
    private const long ScsiMediumError = 3;

    // NVMe: status code type 2 is media and data integrity, 0x81 there an unrecovered read error (NVM command set).
    private const long NvmeMediaErrors = 2;
    private const long NvmeUnrecoveredRead = 0x81;
    private const int NvmeCodeTypeShift = 8;

    /// <summary>READ SECTORS, READ VERIFY, READ MULTIPLE, READ DMA QUEUED, READ DMA: addresses of 28 bits.</summary>
    private static ReadOnlySpan<byte> ShortReads => [0x20, 0x21, 0x40, 0x41, 0xc4, 0xc7, 0xc8, 0xc9];

    /// <summary>The same and the stream reads as EXT, and READ FPDMA QUEUED: addresses of 48 bits.</summary>
    private static ReadOnlySpan<byte> LongReads => [0x24, 0x25, 0x26, 0x29, 0x2a, 0x2b, 0x42, 0x60];

    private readonly SmartctlJson _root = new(root, "");
    private readonly List<SmartctlFinding> _findings = [];
    private readonly SmartctlDrive _drive = ReadDrive(new(root, ""), unknown, faults);
    private bool _anyLog;

    public SmartctlReport Read()
    {
        ReadAtaSelfTests(_root["ata_smart_self_test_log"]["standard"]);
        ReadAtaSelfTests(_root["ata_smart_self_test_log"]["extended"]);
        ReadDefects(_root["ata_pending_defects_log"]);
        ReadAtaErrors(_root["ata_smart_error_log"]["summary"], extended: false);
        ReadAtaErrors(_root["ata_smart_error_log"]["extended"], extended: true);
        ReadScsiSelfTests();
        ReadScsiBackgroundScan(_root["scsi_background_scan"]);
        ReadDefects(_root["scsi_pending_defects"]);
        ReadNvmeSelfTests(_root["nvme_self_test_log"]);
        ReadNvmeErrors(_root["nvme_error_information_log"]);
        if (!_anyLog) RefuseEmpty();
        return new(_drive, _findings, faults);
    }

    private static SmartctlDrive ReadDrive(SmartctlJson root, SmartctlDrive unknown, ListFaults faults)
    {
        long logical = BlockSize(root["logical_block_size"], unknown.LogicalBlockSize, faults);
        long physical = BlockSize(root["physical_block_size"], logical, faults);
        return new SmartctlDrive
        {
            Name = root["device"]["name"].Text,
            Model = root["model_name"].Text ?? root["scsi_model_name"].Text,
            SerialNumber = root["serial_number"].Text,
            WorldWideName = WorldWideNameOf(root),
            LogicalBlockSize = logical,
            PhysicalBlockSize = Math.Max(logical, physical),
            BlockSizeKnown = root["logical_block_size"].Exists,
            Namespace = root["nvme_namespaces"].Entries().FirstOrDefault()["id"].Number,
        };
    }

    /// <summary>NAA 5 (SPC): 4 bits, 24 of the maker, 36 of its own. EUI-64: 24 of the maker, 40 of its own.</summary>
    private static string? WorldWideNameOf(SmartctlJson root)
    {
        SmartctlJson name = root["wwn"];
        if (name["naa"].Number is <= 0xf and { } type && name["oui"].Number is <= 0xffffff and { } maker
            && name["id"].Number is <= 0xfffffffff and { } own)
        {
            return string.Create(CultureInfo.InvariantCulture, $"naa.{type:x}{maker:x6}{own:x9}");
        }

        SmartctlJson[] spaces = [.. root["nvme_namespaces"].Entries()];
        if (spaces.Length != 1) return null;
        return spaces[0]["eui64"]["oui"].Number is <= 0xffffff and { } of
            && spaces[0]["eui64"]["ext_id"].Number is <= 0xffffffffff and { } number
            ? string.Create(CultureInfo.InvariantCulture, $"eui.{of:x6}{number:x10}")
            : null;
    }

    private static long BlockSize(SmartctlJson size, long otherwise, ListFaults faults)
    {
        if (!size.Exists) return otherwise;
        if (size.Number is long number && SmartctlDrive.IsBlockSize(number)) return number;
        faults.Add(0, $"{size.Path} is not a power of two from 512 to 1 MiB", size.Raw);
        return otherwise;
    }

    /// <summary>Newest first. What failed before a newer extended test that found nothing is outdated.</summary>
    private void ReadAtaSelfTests(SmartctlJson log)
    {
        _anyLog |= log.Exists;
        bool outdated = false;
        foreach (SmartctlJson test in log["table"].Entries())
        {
            long result = (test["status"]["value"].Number ?? 0) >> 4;
            bool failed = result is >= AtaTestFatal and <= AtaTestFailureMax;
            if (failed) Find(test, test["lba"], exact: result == AtaTestReadFailure && !outdated);
            outdated |= result == 0 && (test["type"]["value"].Number & 0x7f) == AtaExtendedTest;
        }
    }

    private void ReadDefects(SmartctlJson log)
    {
        _anyLog |= log.Exists;
        foreach (SmartctlJson defect in log["table"].Entries()) Find(defect, defect["lba"], exact: true);
    }

    /// <summary>
    /// The error logs have commands that failed and the registers after them. The summary log has room for 28 bits of
    /// an address only: of a command with 48 it holds a part, which would be another place.
    /// </summary>
    private void ReadAtaErrors(SmartctlJson log, bool extended)
    {
        _anyLog |= log.Exists;
        foreach (SmartctlJson error in log["table"].Entries())
        {
            SmartctlJson registers = error["completion_registers"];
            if (((registers["error"].Number ?? 0) & AtaUncorrectable) == 0) continue;
            // The newest command comes first: it is the one that failed.
            SmartctlJson failed = error["previous_commands"].Entries().FirstOrDefault();
            byte command = (byte)Math.Min(failed["registers"]["command"].Number ?? 0, byte.MaxValue);
            bool isShort = ShortReads.Contains(command);
            if (!isShort && !(extended && LongReads.Contains(command))) continue;
            long? lba = registers["lba"].Number;
            if (isShort) lba = (lba & 0xffffff) | ((registers["device"].Number ?? 0) & 0xf) << 24;
            // All ones say that the address is not known.
            if (lba == (isShort ? (1L << 28) - 1 : (1L << 48) - 1)) continue;
            Find(error, registers["lba"], exact: false, lba);
        }
    }

    private void ReadScsiSelfTests()
    {
        foreach (SmartctlJson test in _root.Numbered("scsi_self_test_"))
        {
            _anyLog = true;
            if (test["result"]["value"].Number is not (>= ScsiTestFailureMin and <= ScsiTestFailureMax)) continue;
            Find(test, test["lba_first_failure"]["value"], test["sense_key"]["value"].Number == ScsiMediumError);
        }
    }

    private void ReadScsiBackgroundScan(SmartctlJson scan)
    {
        _anyLog |= scan.Exists;
        foreach (SmartctlJson result in scan.Numbered("result_"))
        {
            if (result["sense_key"]["value"].Number == ScsiMediumError) Find(result, result["lba"], exact: true);
        }
    }

    private void ReadNvmeSelfTests(SmartctlJson log)
    {
        _anyLog |= log.Exists;
        foreach (SmartctlJson test in log["table"].Entries())
        {
            // The log has an address only where the drive calls it valid, which it does for failed blocks alone.
            bool media = test["status_code_type"].Number == NvmeMediaErrors;
            Find(test, test["lba"], exact: media, space: test["nsid"].Number);
        }
    }

    private void ReadNvmeErrors(SmartctlJson log)
    {
        _anyLog |= log.Exists;
        foreach (SmartctlJson error in log["table"].Entries())
        {
            long status = error["status_field"]["value"].Number ?? 0;
            long type = (status >> NvmeCodeTypeShift) & 0x7;
            if (type != NvmeMediaErrors || (status & 0xff) != NvmeUnrecoveredRead) continue;
            // An object around the number, as smartctl writes it for values that JavaScript cannot hold, or the number.
            SmartctlJson lba = error["lba"]["value"].Exists ? error["lba"]["value"] : error["lba"];
            Find(error, lba, exact: false, space: error["nsid"].Number);
        }
    }

    private void Find(SmartctlJson entry, SmartctlJson lba, bool exact, long? address = null, long? space = null)
    {
        if (!lba.Exists) return;
        long? block = address ?? lba.Number;
        if (block is null)
        {
            faults.Add(0, $"{lba.Path} is not a block address", lba.Raw);
            return;
        }

        if (!SectorText.TryRange(block.Value, 1, _drive.LogicalBlockSize, out ByteRange range) ||
            range.End > long.MaxValue - _drive.PhysicalBlockSize)
        {
            faults.Add(0, $"{lba.Path} lies past 2^63 - 1 bytes", lba.Raw);
            return;
        }

        long sector = range.Offset - (range.Offset % _drive.PhysicalBlockSize);
        Confidence confidence = exact && _drive.BlockSizeKnown ? Confidence.Exact : Confidence.Low;
        var reported = new ReportedRange(new ByteRange(sector, _drive.PhysicalBlockSize), confidence);
        _findings.Add(new(entry.Path, block.Value, reported, space));
    }

    private void RefuseEmpty()
    {
        SmartctlJson message = _root["smartctl"]["messages"].Entries().FirstOrDefault()["string"];
        string why = "no log of self-tests, defects or errors in it: ask smartctl for them with -x";
        faults.Add(0, why, Encoding.UTF8.GetBytes(message.Text ?? ""));
    }
}
