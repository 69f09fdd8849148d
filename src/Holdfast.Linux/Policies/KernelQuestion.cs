// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Policies;

/// <summary>What a process has asked the kernel for: prctl(2), PR_MCE_KILL.</summary>
public enum MachineCheckPolicy
{
    /// <summary>As vm.memory_failure_early_kill says.</summary>
    Default,
    Early,
    Late,
}

/// <summary>What a process has at the place where it has lost bytes mapped.</summary>
public enum MappedPage
{
    /// <summary>The file's own page.</summary>
    OfFile,

    /// <summary>Nothing yet: it never touched the place.</summary>
    Untouched,

    /// <summary>A copy of its own: it wrote to a private mapping.</summary>
    Copied,
}

/// <summary>Whether the kernel has a file's inode in memory.</summary>
public enum InodeMemory
{
    Loaded,
    Evicted,

    /// <summary>Evicted, and not yet written back: it cannot be looked up at once.</summary>
    EvictedDirty,
}

/// <summary>A process that maps lost bytes.</summary>
public sealed record KernelMapper(ProcessUse Process, MachineCheckPolicy Policy, MappedPage Page = MappedPage.OfFile);

/// <summary>One piece of what was lost.</summary>
/// <param name="Mappers">By process number.</param>
public sealed record KernelHit(
    Impact Impact, IReadOnlyList<KernelMapper> Mappers, InodeMemory Inode = InodeMemory.Loaded);

/// <summary>All that decides what Linux does about a range of a device that failed.</summary>
/// <param name="Kernel">Major and minor.</param>
/// <param name="Hits">In the order of the device.</param>
/// <param name="IsEarlyKill">vm.memory_failure_early_kill.</param>
public sealed record KernelQuestion(
    Version Kernel, bool IsMounted, bool HasRmapbt, bool IsEarlyKill, IReadOnlyList<KernelHit> Hits);

/// <summary>What Linux does.</summary>
/// <param name="Signals">Who is sent SIGBUS (BUS_MCEERR_AO), by process number.</param>
/// <param name="ShutsDown">The whole filesystem.</param>
/// <param name="Errno">What the reporter hears, of errno(3); 0: "recovered".</param>
/// <param name="Note">What else there is to say; null where nothing is.</param>
/// <param name="Crashes">The kernel itself.</param>
public sealed record KernelAnswer(
    IReadOnlyList<ProcessUse> Signals, bool ShutsDown, int Errno, string? Note = null, bool Crashes = false);
