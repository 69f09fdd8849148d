// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Devices;

/// <summary>
/// LOOP_GET_STATUS64 (linux/loop.h): which file a loop device has open. Sysfs only tells a name, and by that name
/// another file may be found: the file was deleted or replaced, or the name is one of another mount namespace.
/// </summary>
internal static unsafe class LoopBacking
{
    private const nuint LOOP_GET_STATUS64 = 0x4C05;

    // struct loop_info64 begins with these.
    private const int LiesOnAt = 0;
    private const int InodeAt = LiesOnAt + sizeof(ulong);
    private const int DeviceAt = InodeAt + sizeof(ulong);
    private const int Size = 256;

    /// <returns>Null where the kernel does not say: not root, or no loop device any more.</returns>
    internal static FileIdentity? Of(BlockDevice loop)
    {
        using SafeFileHandle device = Native.Open(loop.Node, Native.O_RDONLY | Native.O_CLOEXEC);
        if (device.IsInvalid) return null;
        Span<byte> status = stackalloc byte[Size];
        status.Clear();
        fixed (byte* start = status)
        {
            if (Native.Ioctl(device, LOOP_GET_STATUS64, start) != 0) return null;
        }

        ulong number = MemoryMarshal.Read<ulong>(status[DeviceAt..]);
        return new(
            DeviceNumber.Decode(MemoryMarshal.Read<ulong>(status[LiesOnAt..])),
            MemoryMarshal.Read<ulong>(status[InodeAt..]),
            number == 0 ? null : DeviceNumber.Decode(number));
    }
}
