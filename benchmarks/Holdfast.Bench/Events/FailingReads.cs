// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Bench.Events;

/// <summary>Reads past the page cache that are expected to fail.</summary>
internal sealed unsafe partial class FailingReads : IDisposable
{
    internal const int Page = 4096;
    private const int O_DIRECT = 0x4000;
    private const int O_CLOEXEC = 0x80000;
    private const int Threads = 4;

    private readonly SafeFileHandle _file;
    private readonly byte* _buffer = (byte*)NativeMemory.AlignedAlloc(Page, Page);

    internal FailingReads(string path)
    {
        int file = Open(path, O_DIRECT | O_CLOEXEC);
        if (file < 0) throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        _file = new SafeFileHandle(file, ownsHandle: true);
    }

    internal void Fail(long page)
    {
        if (ReadAt(_file, _buffer, Page, page * Page) >= 0)
        {
            throw new InvalidOperationException($"page {page} can be read");
        }
    }

    /// <summary>Every other page of a device, at a rate, from several threads.</summary>
    /// <returns>How many requests failed.</returns>
    internal static long Storm(string device, int perSecond, TimeSpan time)
    {
        long next = -1;
        var watch = Stopwatch.StartNew();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            using var reads = new FailingReads(device);
            while (true)
            {
                long at = Interlocked.Increment(ref next);
                TimeSpan due = TimeSpan.FromSeconds((double)at / perSecond);
                if (due > time)
                {
                    Interlocked.Decrement(ref next);
                    return;
                }

                TimeSpan wait = due - watch.Elapsed;
                if (wait > TimeSpan.FromMilliseconds(1)) Thread.Sleep(wait);
                reads.Fail(at * 2);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return next + 1;
    }

    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static partial nint ReadAt(SafeFileHandle file, byte* buffer, nuint length, long offset);
}
