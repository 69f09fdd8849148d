// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli.Input;

/// <summary>The options that name bad ranges: any mixture of them, in bytes of the target.</summary>
internal sealed class RangeOptions
{
    public Option<string[]> Range { get; } = Many(
        "--range", "OFF+LEN", "Bytes that are bad; K, M, G… are powers of 1024");

    public Option<string[]> Sector { get; } = Many("--sector", "N[+COUNT]", "Sectors of 512 bytes that are bad");

    public Option<string[]> Mapfile { get; } = Many(
        "--mapfile", "FILE", "GNU ddrescue mapfile: its bad sectors; and nothing it did not rescue is believed");

    public Option<bool> Untried { get; } = new("--untried")
    {
        Description = "Of a mapfile, count what was not tried, trimmed or scraped as bad too",
    };

    public Option<string[]> Badblocks { get; } = Many("--badblocks", "FILE", "List from badblocks(8)");

    public Option<string?> BlockSize { get; } = new("--block-size")
    {
        HelpName = "BYTES",
        Description = "Block size of the --badblocks lists; 1024 where badblocks was not told another",
    };

    public Option<string[]> SysfsBadblocks { get; } = Many(
        "--sysfs-badblocks", "FILE", "A badblocks file of sysfs, as in /sys/block/pmem0/badblocks");

    public Option<string[]> Smart { get; } = Many("--smart", "FILE", "Output of smartctl --json --xall");

    public Option<string[]> Dmesg { get; } = Many("--dmesg", "FILE", "Kernel log with the errors of the device");

    public Option<string?> Device { get; } = new("--device")
    {
        HelpName = "NAME",
        Description = "What the --dmesg log calls the target: sdb, sdb1, dm-0…",
    };

    public Option<string?> PhysicalSector { get; } = new("--physical-sector")
    {
        HelpName = "BYTES",
        Description = "Physical sector of the device, which fails as a whole; 4096 if nothing tells",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in All) command.Options.Add(option);
    }

    private IEnumerable<Option> All =>
    [
        Range, Sector, Mapfile, Untried, Badblocks, BlockSize, SysfsBadblocks, Smart, Dmesg, Device, PhysicalSector,
    ];

    private static Option<string[]> Many(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
