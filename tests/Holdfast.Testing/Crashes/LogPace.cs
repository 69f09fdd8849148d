// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Crashes;

/// <summary>
/// How often the kernel covers idle logs and writes back metadata. The setting is one for all filesystems of the
/// machine: it is put back when disposed.
/// </summary>
public sealed class LogPace : IDisposable
{
    private const string Setting = "/proc/sys/fs/xfs/xfssyncd_centisecs";
    private const string FastestCentiseconds = "100";
    private readonly string _before;

    private LogPace(string before) => _before = before;

    /// <summary>As often as the kernel allows, so that disks hold newer blocks than their logs.</summary>
    public static LogPace Fast()
    {
        var pace = new LogPace(File.ReadAllText(Setting));
        File.WriteAllText(Setting, FastestCentiseconds);
        return pace;
    }

    public void Dispose() => File.WriteAllText(Setting, _before);
}
