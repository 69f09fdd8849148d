// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Policies;

/// <summary>
/// What Linux does by itself when persistent memory under a mounted XFS reports a failed range (xfs_notify_failure.c,
/// memory-failure.c), as it was seen on 6.1, 6.12 and 7.2. A kernel between two of them is taken for the older one.
/// A function: it asks nobody.
/// </summary>
public static class KernelReaction
{
    private static readonly Version Seen612 = new(6, 12);
    private static readonly Version Seen7 = new(7, 0);

    public static KernelAnswer Of(KernelQuestion question)
    {
        // Nobody holds the device: nothing is kept, and a later mount knows nothing of it.
        if (!question.IsMounted) return new([], false, Native.EBUSY, "nobody holds the device");
        return question.HasRmapbt ? ByReverseMap(question) : WithoutReverseMap(question);
    }

    /// <summary>Record by record: files are told, anything else shuts the filesystem down. An error ends the walk.
    /// </summary>
    private static KernelAnswer ByReverseMap(KernelQuestion question)
    {
        var signals = new SortedDictionary<int, ProcessUse>();
        bool wantsShutdown = false;
        int error = 0;
        foreach (KernelHit hit in question.Hits)
        {
            if (!HasRecord(hit.Impact)) continue;
            if (IsMetadata(hit.Impact))
            {
                wantsShutdown = true;
                continue;
            }

            if (hit.Inode == InodeMemory.Evicted) continue;
            if (hit.Inode == InodeMemory.EvictedDirty) error = Native.EAGAIN;
            else if (IsFile(hit.Impact)) AddSignals(signals, question, hit);
            // A directory or a long symbolic link is no memory of anybody; 6.1 tripped over it.
            else if (question.Kernel < Seen612) error = Native.EBUSY;
            if (error != 0) break;
        }

        bool shutsDown = wantsShutdown || error != 0;
        return new([.. signals.Values], shutsDown, error != 0 ? error : shutsDown ? Native.EUCLEAN : 0);
    }

    /// <summary>
    /// The filesystem says that it does not know, and the kernel looks at the page's own mapping: one file's, whatever
    /// else shares the block.
    /// </summary>
    private static KernelAnswer WithoutReverseMap(KernelQuestion question)
    {
        KernelHit[] mapped = [.. question.Hits.Where(hit => HasRecord(hit.Impact) && !IsMetadata(hit.Impact)
            && IsFile(hit.Impact) && hit.Mappers.Count > 0)];
        if (mapped.Length == 0) return new([], false, Native.EBUSY, "no reverse map, and nobody maps it");
        string note = "no reverse map: by the page's own mapping";
        bool isShared = mapped.Any(hit => hit.Impact.Shared);
        if (isShared && question.Kernel >= Seen7) return new([], false, Native.EOPNOTSUPP, note + "; shared: nobody");
        if (isShared && question.Kernel >= Seen612)
        {
            return new([], false, Native.EOPNOTSUPP, "shared, and no reverse map: the kernel crashes", Crashes: true);
        }

        if (isShared)
        {
            // One of them: which, the kernel alone knows.
            ulong? one = mapped.Min(hit => hit.Impact.Inode);
            mapped = [.. mapped.Where(hit => hit.Impact.Inode == one)];
            note += "; shared: one file of several";
        }

        var signals = new SortedDictionary<int, ProcessUse>();
        foreach (KernelHit hit in mapped) AddSignals(signals, question, hit);
        return new([.. signals.Values], false, Native.EOPNOTSUPP, note);
    }

    private static void AddSignals(SortedDictionary<int, ProcessUse> signals, KernelQuestion question, KernelHit hit)
    {
        // Nobody's memory before it is written: what is mapped there is a page of zeros.
        if (hit.Impact.Unwritten) return;
        foreach (KernelMapper mapper in hit.Mappers)
        {
            bool isEarly = mapper.Policy == MachineCheckPolicy.Early
                || (mapper.Policy == MachineCheckPolicy.Default && question.IsEarlyKill);
            bool isMapped = mapper.Page == MappedPage.OfFile
                || (mapper.Page == MappedPage.Copied && question.Kernel >= Seen7);
            if (isEarly && isMapped) signals[mapper.Process.ProcessId] = mapper.Process;
        }
    }

    /// <summary>Of free space and of what is outside there is none.</summary>
    private static bool HasRecord(Impact impact) => impact.Owner is not (OwnerKind.Free or OwnerKind.Outside);

    private static bool IsMetadata(Impact impact) =>
        impact.Owner != OwnerKind.Inode || impact.BlockMap || impact.Fork is ForkKind.Attribute or ForkKind.Cow;

    private static bool IsFile(Impact impact) => impact.FileType is "file" or null;
}
