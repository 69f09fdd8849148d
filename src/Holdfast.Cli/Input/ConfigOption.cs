// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Contract;
using Holdfast.Core.Configuration;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Cli.Input;

/// <summary>--config of verbs that must know what the daemon's own is: what lies there is not acted on.</summary>
internal sealed class ConfigOption
{
    private readonly Option<string?> _file = new("--config")
    {
        HelpName = "FILE",
        Description = $"The daemon's configuration; {Defaults.ConfigurationPath} where it is there",
    };

    internal void AddTo(Command command) => command.Options.Add(_file);

    /// <exception cref="CommandFailure">It is not right: then nobody knows where the ledger lies.</exception>
    internal DaemonConfiguration Read(ParseResult parsed)
    {
        string? file = parsed.GetValue(_file);
        if (file is null && !File.Exists(Defaults.ConfigurationPath)) return new();
        file ??= Defaults.ConfigurationPath;
        try
        {
            return ConfigurationReader.Read(File.ReadAllBytes(file), out IReadOnlyList<ConfigurationFault> faults)
                ?? throw new CommandFailure($"{file}: {faults[0]}: what it means to protect is not known");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{fault.Message}: what it means to protect is not known");
        }
    }

    /// <summary>The mount that a path is the mount point of, where nothing of ours lies on its filesystem.</summary>
    /// <param name="verb">"freeze": for the message.</param>
    /// <exception cref="CommandFailure">There is none, or something of ours does.</exception>
    internal Mount MountToActOn(ParseResult parsed, string path, string verb)
    {
        DaemonConfiguration configuration = Read(parsed);
        Mount mount = Mount.At(path, KernelRoots.Real)
            ?? throw new CommandFailure($"{path}: not a mount point; name the one that is meant");
        // Of filesystems whose folders have numbers of their own (btrfs) it cannot be told what lies on them.
        if (FileIdentity.Of(mount.MountPoint) is not { } found || found.LiesOn != mount.Device)
        {
            throw new CommandFailure($"{path}: what lies on {mount.FileSystemType} cannot be told: {verb} refused");
        }

        string? own = OwnFilesystems.Of(configuration, KernelRoots.Real).Find(mount.Device) ?? OwnOutput(mount.Device);
        if (own is not null) throw new CommandFailure($"{path}: {own} lies on this filesystem: {verb} refused");
        return mount;
    }

    /// <summary>What this command says goes to a file there: it would wait for its own thaw.</summary>
    private static string? OwnOutput(DeviceNumber device) =>
        FileIdentity.Of("/proc/self/fd/1")?.LiesOn == device ? "standard output"
        : FileIdentity.Of("/proc/self/fd/2")?.LiesOn == device ? "standard error"
        : null;
}
