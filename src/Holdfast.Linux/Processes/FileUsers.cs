// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Processes;

/// <summary>How processes are looked at.</summary>
public sealed record FileUsersOptions
{
    /// <summary>One that cannot be read for so long (its memory is locked, say) is left, and counted.</summary>
    public TimeSpan TimeMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>By the text of /proc/PID/maps also where the kernel has PROCMAP_QUERY.</summary>
    public bool ReadsText { get; init; }

    /// <summary>
    /// From so many processes on the kernel is asked for all at once, where it can be: to begin with that takes as long
    /// as to look at a thousand.
    /// </summary>
    public int AsksKernelFrom { get; init; } = 1000;
}

/// <summary>Who uses lost files.</summary>
/// <param name="Users">By file, as they were asked for; each by process number.</param>
/// <param name="Unread">Processes that could not be looked at, and why, of errno(3); null: not in time.</param>
public sealed record FileUsersAnswer(
    IReadOnlyList<IReadOnlyList<ProcessUse>> Users, IReadOnlyDictionary<int, int?> Unread);

/// <summary>
/// Finds the processes that have lost bytes in their memory, and those that have their files open: all processes in one
/// pass, however many files are asked for. Root sees all of them, others their own.
/// </summary>
public static class FileUsers
{
    public static FileUsersAnswer Find(
        IReadOnlyList<LostFile> files, KernelRoots roots, FileUsersOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        if (files.Count == 0) return new([], new Dictionary<int, int?>());
        options ??= new();
        var wanted = new WantedFiles(files);
        var crew = new ProcessCrew(roots, options, wanted);
        IReadOnlyCollection<FoundUse> found = crew.Run(cancellationToken);
        var users = new List<ProcessUse>[files.Count];
        for (int i = 0; i < users.Length; i++) users[i] = [];
        foreach (FoundUse use in found) users[use.File].Add(use.Use);
        foreach (List<ProcessUse> list in users) list.Sort((left, right) => left.ProcessId.CompareTo(right.ProcessId));
        return new(users, crew.Unread);
    }
}

/// <summary>A process's use of the file of that number.</summary>
internal readonly record struct FoundUse(int File, ProcessUse Use);

/// <summary>The files that are asked for, found by what the kernel shows of a file.</summary>
internal sealed class WantedFiles
{
    private readonly Dictionary<ulong, List<int>> _byInode = [];
    private readonly IReadOnlyList<LostFile> _files;

    internal WantedFiles(IReadOnlyList<LostFile> files)
    {
        _files = files;
        for (int i = 0; i < files.Count; i++)
        {
            if (!_byInode.TryGetValue(files[i].Inode, out List<int>? same)) _byInode[files[i].Inode] = same = [];
            same.Add(i);
        }
    }

    internal LostFile this[int file] => _files[file];

    internal IReadOnlyCollection<ulong> Inodes => _byInode.Keys;

    /// <summary>Whether any of them may be meant by an inode number, or by that number on an overlay.</summary>
    internal bool MayBe(ulong inode) => _byInode.ContainsKey(inode) || _byInode.ContainsKey(OverlayInode.Below(inode));

    /// <summary>-1 where it is none of them.</summary>
    internal int Find(DeviceNumber device, ulong inode)
    {
        if (!_byInode.TryGetValue(inode, out List<int>? same)) return -1;
        foreach (int file in same) if (_files[file].Device == device) return file;
        return -1;
    }

    /// <summary>Those of an inode number, on whatever device.</summary>
    internal IReadOnlyList<int> Of(ulong inode) => _byInode.GetValueOrDefault(inode, []);
}
