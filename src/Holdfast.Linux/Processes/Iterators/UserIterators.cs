// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Processes.Iterators;

/// <summary>
/// Asks the kernel itself which processes may use files: two programs of ours go over all descriptors and mappings in
/// it (BPF iterators, Linux 6.7 and newer), so that no process costs a system call. Root's alone; wherever the kernel
/// does not take them, processes are looked at one by one. One question at a time.
/// </summary>
internal sealed unsafe class UserIterators
{
    /// <summary>A process number, in eight bytes.</summary>
    internal const int RecordLength = 8;

    /// <summary>A question about more inodes is answered the other way.</summary>
    private const int InodesMax = 16_384;

    private const string Types = "kernel/btf/vmlinux";

    /// <summary>Process numbers of the machine's own namespace, which is what programs in the kernel see.</summary>
    private const string FirstNamespace = "pid:[4026531836]";

    private static readonly Lazy<UserIterators?> OfThisKernel = new(Load);

    private readonly object _turn = new();
    private readonly SafeFileHandle _set;
    private readonly SafeFileHandle[] _links;

    private UserIterators(SafeFileHandle set, SafeFileHandle[] links)
    {
        _set = set;
        _links = links;
    }

    /// <returns>Without one twice; null where this way is not to be had now.</returns>
    internal static IReadOnlyCollection<int>? Find(IReadOnlyCollection<ulong> inodes, KernelRoots roots)
    {
        if (inodes.Count > InodesMax || roots.Proc != KernelRoots.Real.Proc) return null;
        if (OfThisKernel.Value is not { } iterators || !Monitor.TryEnter(iterators._turn)) return null;
        try
        {
            return iterators.Ask(inodes);
        }
        finally
        {
            Monitor.Exit(iterators._turn);
        }
    }

    private HashSet<int>? Ask(IReadOnlyCollection<ulong> inodes)
    {
        try
        {
            var found = new HashSet<int>();
            bool isWhole = inodes.All(inode => BpfCalls.Add(_set, inode)) && _links.All(link => Read(link, found));
            return isWhole ? found : null;
        }
        finally
        {
            foreach (ulong inode in inodes) BpfCalls.Remove(_set, inode);
        }
    }

    private static bool Read(SafeFileHandle link, HashSet<int> found)
    {
        using SafeFileHandle iterator = BpfCalls.Begin(link);
        if (iterator.IsInvalid) return false;
        Span<long> records = stackalloc long[512];
        while (true)
        {
            nint length;
            nuint room = (nuint)(records.Length * RecordLength);
            fixed (long* at = records) length = Native.Read((int)iterator.DangerousGetHandle(), (byte*)at, room);

            if (length < 0 && Marshal.GetLastPInvokeError() is not (Native.EAGAIN or Native.EINTR)) return false;
            if (length == 0) return true;
            for (int i = 0; i < length / RecordLength; i++) found.Add((int)records[i]);
        }
    }

    private static UserIterators? Load()
    {
        if (Users.Effective != 0) return null;
        try
        {
            if (File.ResolveLinkTarget("/proc/self/ns/pid", false)?.Name is not FirstNamespace) return null;
            byte[] text = File.ReadAllBytes(Path.Combine(KernelRoots.Real.Sys, Types));
            if (BtfTypes.Read(text, UserPrograms.Functions, UserPrograms.Members) is not { } types) return null;
            return Load(types);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static UserIterators? Load(BtfTypes types)
    {
        SafeFileHandle set = BpfCalls.NewSet(InodesMax);
        if (set.IsInvalid) return null;
        if (UserPrograms.Of(types, (int)set.DangerousGetHandle()) is not { } programs) return null;
        SafeFileHandle[] links =
        [
            Link(programs.OfDescriptors(), types.FunctionNumber("bpf_iter_task_file")!.Value),
            Link(programs.OfMappings(types), types.FunctionNumber("bpf_iter_task")!.Value),
        ];
        return links.Any(link => link.IsInvalid) ? null : new(set, links);
    }

    private static SafeFileHandle Link(BpfInstruction[] program, uint target)
    {
        using SafeFileHandle loaded = BpfCalls.Load(program, target, UserPrograms.Licence);
        return loaded.IsInvalid ? loaded : BpfCalls.Link(loaded);
    }
}
