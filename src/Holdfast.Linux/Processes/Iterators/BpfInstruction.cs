// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Processes.Iterators;

/// <summary>One instruction of the virtual machine in the kernel, as it lies in memory.</summary>
/// <param name="Registers">The source in the upper half.</param>
/// <param name="Offset">Bytes from where a register points; of a jump: instructions, from the next one on.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(byte Code, byte Registers, short Offset, int Value);
