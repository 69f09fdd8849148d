// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Processes.Iterators;

/// <summary>
/// What runs in the kernel, task by task: writes the process numbers of those that may use a file, by its inode number,
/// as <see cref="QuickLook"/> finds them from outside. The two programs alone are also under the MIT licence or the
/// GPL, version 2, at anybody's choice: the kernel runs no others of this kind.
/// </summary>
internal sealed class UserPrograms
{
    // Of linux/bpf.h: helpers, and what a program is given.
    private const int LookUp = 1;
    private const int WriteOut = 127;
    private const int Meta = 0;
    private const int Sequence = 0;
    private const int Task = 8;
    private const int File = 24;

    private const int InodeNumberBits = 56;
    private const int Busy = -16;

    // Places on the stack, in bytes from its end.
    private const int Iterator = -8;
    private const int Number = -16;
    private const int Process = -24;

    private const string Mappings = "bpf_iter_task_vma_";

    private readonly int _thread;
    private readonly int _process;
    private readonly int _mapped;
    private readonly int _inode;
    private readonly int _number;
    private readonly int _set;

    private UserPrograms(BtfTypes types, int set)
    {
        _thread = types.OffsetOf("task_struct", "pid") ?? -1;
        _process = types.OffsetOf("task_struct", "tgid") ?? -1;
        _mapped = types.OffsetOf("vm_area_struct", "vm_file") ?? -1;
        _inode = types.OffsetOf("file", "f_inode") ?? -1;
        _number = types.OffsetOf("inode", "i_ino") ?? -1;
        _set = set;
    }

    internal static IReadOnlyList<string> Functions { get; } =
        ["bpf_iter_task", "bpf_iter_task_file", Mappings + "new", Mappings + "next", Mappings + "destroy"];

    internal static IReadOnlyList<(string Structure, string Member)> Members { get; } =
    [
        ("task_struct", "pid"), ("task_struct", "tgid"), ("vm_area_struct", "vm_file"), ("file", "f_inode"),
        ("inode", "i_ino"),
    ];

    internal static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    /// <param name="set">The descriptor of the set of inode numbers that are looked for.</param>
    /// <returns>Null where the kernel is too old, or not as is expected.</returns>
    internal static UserPrograms? Of(BtfTypes types, int set) =>
        Functions.All(name => types.FunctionNumber(name) is not null)
        && Members.All(at => types.OffsetOf(at.Structure, at.Member) is >= 0 and <= short.MaxValue)
            ? new(types, set)
            : null;

    /// <summary>For each descriptor of each process.</summary>
    internal BpfInstruction[] OfDescriptors()
    {
        var program = new BpfAssembler();
        program.Copy(6, 1);
        program.Load(7, 6, Task);
        program.JumpIfEqual(7, 0, "end");
        program.Load(8, 6, File);
        program.JumpIfEqual(8, 0, "end");
        JumpIfWanted(program, 8, "wanted");
        program.Jump("end");
        program.Label("wanted");
        WriteProcess(program);
        return End(program);
    }

    /// <summary>
    /// For each task. Nobody is waited for: a process whose mappings are just being changed is written, to be looked at
    /// more closely.
    /// </summary>
    internal BpfInstruction[] OfMappings(BtfTypes types)
    {
        var program = new BpfAssembler();
        program.Copy(6, 1);
        program.Load(7, 6, Task);
        program.JumpIfEqual(7, 0, "end");
        // Memory is the whole process's: once is enough.
        program.LoadInteger(1, 7, _thread);
        program.LoadInteger(2, 7, _process);
        program.JumpIfDifferent(1, 2, "end");
        program.Copy(1, 10);
        program.Add(1, Iterator);
        program.Copy(2, 7);
        program.Set(3, 0);
        program.CallKernel(types.FunctionNumber(Mappings + "new")!.Value);
        program.Copy(9, 0);
        program.Label("next");
        program.Copy(1, 10);
        program.Add(1, Iterator);
        program.CallKernel(types.FunctionNumber(Mappings + "next")!.Value);
        program.JumpIfEqual(0, 0, "over");
        program.Load(1, 0, _mapped);
        program.JumpIfEqual(1, 0, "next");
        JumpIfWanted(program, 1, "wanted");
        program.Jump("next");
        program.Label("wanted");
        program.Set(9, Busy);
        program.Label("over");
        program.Copy(1, 10);
        program.Add(1, Iterator);
        program.CallKernel(types.FunctionNumber(Mappings + "destroy")!.Value);
        program.ShiftLeft(9, 32);
        program.ShiftRight(9, 32);
        program.Set(1, Busy);
        program.ShiftLeft(1, 32);
        program.ShiftRight(1, 32);
        program.JumpIfDifferent(9, 1, "end");
        WriteProcess(program);
        return End(program);
    }

    private void JumpIfWanted(BpfAssembler program, int file, string label)
    {
        program.Load(1, file, _inode);
        program.Load(1, 1, _number);
        program.Store(10, Number, 1);
        LookUpNumber(program, label);
        // An overlay's number has that of a layer in its highest bits.
        program.Load(1, 10, Number);
        program.ShiftLeft(1, 64 - InodeNumberBits);
        program.ShiftRight(1, 64 - InodeNumberBits);
        program.Store(10, Number, 1);
        LookUpNumber(program, label);
    }

    private void LookUpNumber(BpfAssembler program, string label)
    {
        program.LoadMap(1, _set);
        program.Copy(2, 10);
        program.Add(2, Number);
        program.Call(LookUp);
        program.JumpIfNotEqual(0, 0, label);
    }

    private void WriteProcess(BpfAssembler program)
    {
        program.LoadInteger(1, 7, _process);
        program.Store(10, Process, 1);
        program.Load(1, 6, Meta);
        program.Load(1, 1, Sequence);
        program.Copy(2, 10);
        program.Add(2, Process);
        program.Set(3, UserIterators.RecordLength);
        program.Call(WriteOut);
    }

    private static BpfInstruction[] End(BpfAssembler program)
    {
        program.Label("end");
        program.Set(0, 0);
        program.Exit();
        return program.Assemble();
    }
}
