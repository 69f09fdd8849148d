// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Interop;

/// <summary>
/// Messages of the kernel's about devices (netlink(7), NETLINK_KOBJECT_UEVENT). Only the kernel's own: the sender's
/// address is 0, which no program can have, and its credentials are those of no process.
/// </summary>
internal sealed unsafe partial class UeventSocket : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOCK_NONBLOCK = 0x800;
    private const int NETLINK_KOBJECT_UEVENT = 15;
    private const uint KernelGroup = 1;
    private const int SOL_SOCKET = 1;
    private const int SO_PASSCRED = 16;
    private const int SO_RCVBUFFORCE = 33;
    private const int SCM_CREDENTIALS = 2;
    private const int MSG_TRUNC = 0x20;
    private const int ENOBUFS = 105;
    private const int MessageMax = 16 << 10;
    private const int BufferBytes = 4 << 20;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _message = new byte[MessageMax];

    private UeventSocket(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="KernelRefusal">There is no such socket here.</exception>
    internal static UeventSocket Open()
    {
        int descriptor = Socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (descriptor < 0) throw KernelRefusal.Last("uevents", "socket");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        int yes = 1;
        int bytes = BufferBytes;
        // More room where we may: a machine with many disks starts many at once.
        _ = SetOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(int));
        var address = new Address { Family = AF_NETLINK, Groups = KernelGroup };
        if (SetOption(descriptor, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(int)) == 0
            && Bind(descriptor, &address, (uint)sizeof(Address)) == 0) return new(handle);
        KernelRefusal refusal = KernelRefusal.Last("uevents", "bind");
        handle.Dispose();
        throw refusal;
    }

    /// <summary>Blocks until there is a message, or that long.</summary>
    internal bool Wait(TimeSpan atMost)
    {
        var polled = new Polled { Descriptor = (int)_handle.DangerousGetHandle(), Events = Native.POLLIN };
        return Native.Poll(&polled, 1, (int)atMost.TotalMilliseconds) > 0;
    }

    /// <summary>Takes the next message; empty for one that is not to be believed.</summary>
    /// <param name="isLost">The kernel had no room for some: that is said once for all of them.</param>
    /// <returns>False where there is none now.</returns>
    /// <exception cref="KernelRefusal">The socket is of no more use.</exception>
    internal bool TryTake(out ReadOnlySpan<byte> message, out bool isLost)
    {
        message = default;
        isLost = false;
        const int controlBytes = 64;
        byte* control = stackalloc byte[controlBytes];
        fixed (byte* start = _message)
        {
            Address from = default;
            var part = new Part { Start = start, Length = MessageMax };
            var header = new Header
            {
                Name = &from, NameLength = (uint)sizeof(Address), Parts = &part, PartCount = 1, Control = control,
                ControlLength = controlBytes,
            };
            nint length = Receive((int)_handle.DangerousGetHandle(), &header, 0);
            if (length < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                isLost = errno == ENOBUFS;
                if (isLost || errno == Native.EINTR) return true;
                return errno == Native.EAGAIN ? false : throw KernelRefusal.Last("uevents", "recvmsg");
            }

            bool isKernels = from.Family == AF_NETLINK && from.Port == 0 && (header.Flags & MSG_TRUNC) == 0
                && IsOfNoProcess(control, (int)header.ControlLength);
            if (isKernels) message = _message.AsSpan(0, (int)length);
            return true;
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>struct cmsghdr (length, level, type), then struct ucred: process, user, group.</summary>
    private static bool IsOfNoProcess(byte* control, int length)
    {
        const int levelAt = sizeof(ulong);
        const int typeAt = levelAt + sizeof(int);
        const int processAt = typeAt + sizeof(int);
        const int userAt = processAt + sizeof(int);
        if (length < userAt + sizeof(int)) return false;
        return *(int*)(control + levelAt) == SOL_SOCKET && *(int*)(control + typeAt) == SCM_CREDENTIALS
            && *(int*)(control + processAt) == 0 && *(int*)(control + userAt) == 0;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, Address* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint Receive(int socket, Header* message, int flags);

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Address
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Part
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr, of 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public Address* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
