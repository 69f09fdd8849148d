// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Configuration;
using Holdfast.Linux.Interop;

namespace Holdfast.Daemon;

/// <summary>The configuration's file: who may write it decides what the daemon does as root.</summary>
internal static class ConfigurationFile
{
    private const int BytesMax = 1 << 20;

    /// <param name="path">Null: the usual place, where nothing at all is right too.</param>
    /// <returns>Null where something is wrong: it has been said.</returns>
    internal static DaemonConfiguration? Read(string? path, TextWriter errors)
    {
        if (path is null && !File.Exists(Defaults.ConfigurationPath)) return new();
        path ??= Defaults.ConfigurationPath;
        try
        {
            if (Danger(path) is { } danger)
            {
                errors.WriteLine($"{path}: {danger}");
                return null;
            }

            DaemonConfiguration? configuration = ConfigurationReader.Read(
                File.ReadAllBytes(path), out IReadOnlyList<ConfigurationFault> faults);
            foreach (ConfigurationFault fault in faults) errors.WriteLine($"{path}: {fault}");
            return configuration;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{path}: {fault.Message}");
            return null;
        }
    }

    /// <summary>Why a file must not be believed; null where it may.</summary>
    private static string? Danger(string path)
    {
        if (!File.Exists(path)) return "there is no such file";
        if (new FileInfo(path).Length > BytesMax) return $"larger than {BytesMax} bytes";
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0) return "others than its owner can write it";
        if (Users.OwnerOf(path) is { } owner && owner != 0 && owner != Users.Effective)
        {
            return $"it belongs to user {owner}, not to root";
        }

        return null;
    }
}
