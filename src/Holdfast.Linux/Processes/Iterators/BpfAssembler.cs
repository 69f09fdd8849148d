// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Processes.Iterators;

/// <summary>
/// Puts a program together, instruction by instruction; of
/// Documentation/bpf/standardization/instruction-set.rst. Registers are numbered: 0 has results, 1 to 5 arguments (and
/// are lost with each call), 6 to 9 last, 10 is the end of the stack.
/// </summary>
internal sealed class BpfAssembler
{
    private const byte KernelFunction = 2;
    private const byte MapByDescriptor = 1;

    private readonly List<BpfInstruction> _program = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int At, string Label)> _jumps = [];

    internal void Set(int target, int value) => Put(0xB7, target, 0, 0, value);

    internal void Copy(int target, int source) => Put(0xBF, target, source);

    internal void Add(int target, int value) => Put(0x07, target, 0, 0, value);

    internal void ShiftLeft(int target, int bits) => Put(0x67, target, 0, 0, bits);

    internal void ShiftRight(int target, int bits) => Put(0x77, target, 0, 0, bits);

    /// <summary>Eight bytes of memory.</summary>
    internal void Load(int target, int source, int offset) => Put(0x79, target, source, offset);

    /// <summary>Four bytes of memory.</summary>
    internal void LoadInteger(int target, int source, int offset) => Put(0x61, target, source, offset);

    /// <summary>Eight bytes to memory.</summary>
    internal void Store(int target, int offset, int source) => Put(0x7B, target, source, offset);

    /// <summary>A map by its descriptor; takes two instructions.</summary>
    internal void LoadMap(int target, int descriptor)
    {
        Put(0x18, target, MapByDescriptor, 0, descriptor);
        Put(0, 0);
    }

    /// <summary>Where jumps by this name go.</summary>
    internal void Label(string name) => _labels.Add(name, _program.Count);

    internal void Jump(string label) => PutJump(label, 0x05, 0);

    internal void JumpIfEqual(int register, int value, string label) => PutJump(label, 0x15, register, 0, value);

    internal void JumpIfNotEqual(int register, int value, string label) => PutJump(label, 0x55, register, 0, value);

    internal void JumpIfDifferent(int register, int other, string label) => PutJump(label, 0x5D, register, other);

    /// <summary>A helper, by its number in linux/bpf.h.</summary>
    internal void Call(int helper) => Put(0x85, 0, 0, 0, helper);

    /// <summary>A function of the kernel's own, by its type's number.</summary>
    internal void CallKernel(uint function) => Put(0x85, 0, KernelFunction, 0, (int)function);

    internal void Exit() => Put(0x95, 0);

    internal BpfInstruction[] Assemble()
    {
        BpfInstruction[] program = [.. _program];
        foreach ((int at, string label) in _jumps)
        {
            program[at] = program[at] with { Offset = (short)(_labels[label] - at - 1) };
        }

        return program;
    }

    private void PutJump(string label, byte code, int target, int source = 0, int value = 0)
    {
        _jumps.Add((_program.Count, label));
        Put(code, target, source, 0, value);
    }

    private void Put(byte code, int target, int source = 0, int offset = 0, int value = 0) =>
        _program.Add(new(code, (byte)(source << 4 | target), (short)offset, value));
}
