// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Processes.Iterators;

/// <summary>bpf(2), as far as iterators need it. Layouts of linux/bpf.h.</summary>
internal static unsafe class BpfCalls
{
    private const int CreateMap = 0;
    private const int UpdateElement = 2;
    private const int DeleteElement = 3;
    private const int LoadProgram = 5;
    private const int CreateLink = 28;
    private const int CreateIterator = 33;

    private const uint HashMap = 1;
    private const uint TracingProgram = 26;
    private const uint IteratorAttachment = 28;

    /// <summary>As much of union bpf_attr as is used here, and zeros behind.</summary>
    private const int AttributesLength = 128;

    /// <summary>Of 64-bit numbers; nothing but whether one is in it counts.</summary>
    /// <returns>Invalid where the kernel refuses.</returns>
    internal static SafeFileHandle NewSet(int countMax)
    {
        Span<byte> attributes = stackalloc byte[AttributesLength];
        attributes.Clear();
        Put(attributes, 0, HashMap);
        Put(attributes, 4, (uint)sizeof(ulong));
        Put(attributes, 8, 1u);
        Put(attributes, 12, (uint)countMax);
        return Opened(CreateMap, attributes);
    }

    internal static bool Add(SafeFileHandle set, ulong number) => Change(UpdateElement, set, number);

    internal static bool Remove(SafeFileHandle set, ulong number) => Change(DeleteElement, set, number);

    /// <summary>Verified by the kernel: what could do harm, or is not understood, is refused.</summary>
    /// <param name="target">The function that stands for what is iterated over.</param>
    internal static SafeFileHandle Load(ReadOnlySpan<BpfInstruction> program, uint target, ReadOnlySpan<byte> licence)
    {
        Span<byte> attributes = stackalloc byte[AttributesLength];
        attributes.Clear();
        fixed (BpfInstruction* instructions = program)
        fixed (byte* text = licence)
        {
            Put(attributes, 0, TracingProgram);
            Put(attributes, 4, (uint)program.Length);
            Put(attributes, 8, (ulong)instructions);
            Put(attributes, 16, (ulong)text);
            Put(attributes, 68, IteratorAttachment);
            Put(attributes, 108, target);
            return Opened(LoadProgram, attributes);
        }
    }

    /// <summary>What can be iterated with; each reading begins with <see cref="Begin"/>.</summary>
    internal static SafeFileHandle Link(SafeFileHandle program)
    {
        Span<byte> attributes = stackalloc byte[AttributesLength];
        attributes.Clear();
        Put(attributes, 0, (uint)(int)program.DangerousGetHandle());
        Put(attributes, 8, IteratorAttachment);
        return Opened(CreateLink, attributes);
    }

    /// <summary>A file whose reading runs the program; see read(2).</summary>
    internal static SafeFileHandle Begin(SafeFileHandle link)
    {
        Span<byte> attributes = stackalloc byte[AttributesLength];
        attributes.Clear();
        Put(attributes, 0, (uint)(int)link.DangerousGetHandle());
        return Opened(CreateIterator, attributes);
    }

    private static bool Change(int command, SafeFileHandle set, ulong number)
    {
        byte value = 1;
        Span<byte> attributes = stackalloc byte[AttributesLength];
        attributes.Clear();
        Put(attributes, 0, (uint)(int)set.DangerousGetHandle());
        Put(attributes, 8, (ulong)&number);
        if (command == UpdateElement) Put(attributes, 16, (ulong)&value);
        return Call(command, attributes) == 0;
    }

    private static SafeFileHandle Opened(int command, Span<byte> attributes) =>
        new(Call(command, attributes), ownsHandle: true);

    private static nint Call(int command, Span<byte> attributes)
    {
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;
        fixed (byte* at = attributes) return Native.SystemCall(number, command, (nint)at, attributes.Length, 0);
    }

    private static void Put<T>(Span<byte> attributes, int offset, T value)
        where T : unmanaged => MemoryMarshal.Write(attributes[offset..], value);
}
