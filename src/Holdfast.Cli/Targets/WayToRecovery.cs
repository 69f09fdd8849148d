// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Cli.Targets;

/// <summary>Takes a filesystem through its lifecycle, to the view that was asked for, or ends the verb.</summary>
/// <param name="mustRecover">False: where the log cannot be recovered the device is taken as it is.</param>
internal sealed class WayToRecovery(TargetOptions options, ParseResult parsed, bool mustRecover)
{
    /// <param name="where">What people call the filesystem.</param>
    /// <param name="log">The device that was given for an external log; null where none was.</param>
    public RecoveredVolume Open(string where, IBlockSource data, IBlockSource? log)
    {
        SuperblockRead? superblock = new ClaimedDevices(data, log).ReadSuperblock(out BlockFault fault);
        if (superblock is null) throw new CommandFailure($"{where}: no XFS that can be read: {Text(fault)}");
        if (log is not null && !superblock.HasExternalLog)
        {
            throw new CommandFailure("--log-device: this filesystem's log is on its own device", ExitBits.Usage);
        }

        StructuresReady ready = superblock.PrepareStructures();
        RecoveryDepth view = View();
        Fault? why = null;
        if (parsed.GetValue(options.NoRecovery)) return ready.WithoutRecovery();
        RecoveredVolume? recovered = Work.Run("recovering the log", _ => ready.Recover(view, out why));
        if (recovered is not null) return recovered;
        if (!mustRecover) return ready.WithoutRecovery(why);
        throw new CommandFailure(
            $"{where}: the log cannot be recovered, and a mount would fail: {why} "
            + "(--no-recovery answers from the device as it is, never completely)");
    }

    private RecoveryDepth View() => parsed.GetValue(options.View) switch
    {
        "disk" => RecoveryDepth.Disk,
        "replayed" => RecoveryDepth.Replayed,
        _ => RecoveryDepth.Mounted,
    };

    private static string Text(BlockFault fault) => fault.Wanted.Length == 0
        ? $"{fault.Field}: {fault.Found}"
        : $"{fault.Field} is {fault.Found}, wanted {fault.Wanted}";
}
