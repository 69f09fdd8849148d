// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Interop;

/// <summary>
/// Tells when a file in a folder was written to its end, or put there whole (inotify(7): closed after writing, or moved
/// in). Which one it does not say: who listens looks. One thread's.
/// </summary>
public sealed unsafe partial class FolderWatch : IDisposable
{
    private const int IN_CLOEXEC = 0x80000;
    private const int IN_NONBLOCK = 0x800;
    private const uint IN_CLOSE_WRITE = 8;
    private const uint IN_MOVED_TO = 0x80;
    private const uint IN_ONLYDIR = 0x1000000;
    private const int BufferSize = 16 << 10;

    private readonly SafeFileHandle _watch;
    private readonly byte[] _buffer = new byte[BufferSize];

    private FolderWatch(SafeFileHandle watch) => _watch = watch;

    /// <exception cref="KernelRefusal">It is no folder, or no more can be watched.</exception>
    public static FolderWatch Open(string folder)
    {
        int descriptor = Init(IN_CLOEXEC | IN_NONBLOCK);
        if (descriptor < 0) throw KernelRefusal.Last(folder, "inotify_init1");
        var watch = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Add(descriptor, folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) >= 0) return new(watch);
        KernelRefusal refusal = KernelRefusal.Last(folder, "inotify_add_watch");
        watch.Dispose();
        throw refusal;
    }

    /// <summary>Blocks until something was put there, or that long.</summary>
    /// <returns>False where nothing was.</returns>
    public bool Wait(TimeSpan atMost)
    {
        int descriptor = (int)_watch.DangerousGetHandle();
        var polled = new Polled { Descriptor = descriptor, Events = Native.POLLIN };
        if (Native.Poll(&polled, 1, (int)atMost.TotalMilliseconds) <= 0) return false;
        fixed (byte* start = _buffer)
        {
            while (Native.Read(descriptor, start, BufferSize) > 0)
            {
                // What they say is nothing but that there is something to be looked at.
            }
        }

        return true;
    }

    public void Dispose() => _watch.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport(
        "libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Add(int watch, string path, uint mask);
}
