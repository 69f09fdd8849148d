// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Producers;

/// <summary>
/// An instance of tracefs of its own (ftrace.rst), in which one event is turned on: it keeps what happens while nobody
/// reads, and disturbs nobody else's tracing. It stays when its reader ends, and is drained by the next one. One
/// thread's.
/// </summary>
internal sealed unsafe class TracePipes : IDisposable
{
    private const int PageSize = 4096;

    /// <summary>What the kernel is asked to keep, of each processor, of an event that comes in storms.</summary>
    internal const int StormKilobytes = 4096;

    private readonly List<SafeFileHandle> _pipes = [];
    private readonly byte[] _page = new byte[PageSize];

    private TracePipes(TraceFormat format) => Format = format;

    internal TraceFormat Format { get; }

    /// <summary>Of several names of one event the one that this kernel has; null where it has none.</summary>
    /// <exception cref="IOException">There is no tracefs.</exception>
    internal static string? Find(KernelRoots roots, params ReadOnlySpan<string> traces)
    {
        string events = Path.Combine(TraceFilesystem.Root(roots), "events");
        foreach (string trace in traces)
        {
            if (Directory.Exists(Path.Combine(events, trace))) return trace;
        }

        return null;
    }

    /// <param name="name">Of the instance.</param>
    /// <param name="trace">As in "block/block_rq_error".</param>
    /// <param name="kilobytes">To be kept of each processor while nobody reads.</param>
    /// <exception cref="IOException">There is no tracefs, no such event, or the caller is not root.</exception>
    internal static TracePipes Open(
        KernelRoots roots, string name, string trace, int kilobytes, params ReadOnlySpan<string> fields)
    {
        string instance = Path.Combine(TraceFilesystem.Root(roots), "instances", name);
        Directory.CreateDirectory(instance);
        string folder = Path.Combine(instance, "events", trace);
        var pipes = new TracePipes(TraceFormat.Parse(File.ReadAllText(Path.Combine(folder, "format")), fields));
        try
        {
            // Every event is to wake the reader, not half a buffer of them (Linux 6.1 knows the file).
            TryWrite(Path.Combine(instance, "buffer_percent"), "0");
            // Memory is taken only once, so that an instance that is there keeps what it has.
            if (!IsOn(folder)) TryWrite(Path.Combine(instance, "buffer_size_kb"), $"{kilobytes}");
            Write(Path.Combine(folder, "enable"), "1");
            Write(Path.Combine(instance, "tracing_on"), "1");
            foreach (string processor in Directory.GetDirectories(Path.Combine(instance, "per_cpu")).Order())
            {
                SafeFileHandle pipe = Native.Open(
                    Path.Combine(processor, "trace_pipe_raw"), Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);
                if (pipe.IsInvalid) throw KernelRefusal.Last(processor, "open trace_pipe_raw");
                pipes._pipes.Add(pipe);
            }

            return pipes;
        }
        catch
        {
            pipes.Dispose();
            throw;
        }
    }

    /// <summary>Takes all that is there.</summary>
    /// <returns>Events that were lost; -1 where some were and nobody knows how many.</returns>
    internal long Drain(TraceEventVisitor each)
    {
        long lost = 0;
        foreach (SafeFileHandle pipe in _pipes)
        {
            while (true)
            {
                nint length;
                fixed (byte* start = _page)
                {
                    length = Native.Read((int)pipe.DangerousGetHandle(), start, PageSize);
                }

                if (length <= 0) break;
                long missed = TracePage.Read(_page.AsSpan(0, (int)length), each);
                lost = missed < 0 || lost < 0 ? -1 : lost + missed;
            }
        }

        return lost;
    }

    /// <summary>Blocks until there is something, or that long.</summary>
    internal void Wait(TimeSpan atMost)
    {
        Polled* polled = stackalloc Polled[_pipes.Count];
        for (int i = 0; i < _pipes.Count; i++)
        {
            polled[i] = new()
            {
                Descriptor = (int)_pipes[i].DangerousGetHandle(), Events = Native.POLLIN,
            };
        }

        _ = Native.Poll(polled, (nuint)_pipes.Count, (int)atMost.TotalMilliseconds);
    }

    public void Dispose()
    {
        foreach (SafeFileHandle pipe in _pipes) pipe.Dispose();
    }

    private static bool IsOn(string folder) =>
        File.ReadAllText(Path.Combine(folder, "enable")).StartsWith('1');

    private static void Write(string path, string text)
    {
        // As it is: the file is one of the kernel's, which takes no truncation.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }

    private static void TryWrite(string path, string text)
    {
        try
        {
            Write(path, text);
        }
        catch (IOException)
        {
            // An older kernel knows no such setting.
        }
    }
}
