// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Testing.Programs;

/// <summary>
/// A process that has a file in its hands until it is disposed: open, mapped, or both; it touches nothing of it unless
/// told to. It says when it is sent SIGBUS, and lives on.
/// </summary>
public sealed class FileHolder : IDisposable
{
    private const string Program = """
        import ctypes, os, select, signal, sys
        path, pages, writes, closes = sys.argv[1], sys.argv[2], sys.argv[3] == '1', sys.argv[4] == '1'
        touched = [int(page) for page in sys.argv[5].split(',') if page]
        reads = sys.argv[6] == '1'
        fd = os.open(path, os.O_RDWR if writes else os.O_RDONLY)
        # A signal that comes just before a read begins would not end it: the pipe does.
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGBUS, lambda number, frame: print('SIGBUS', flush=True))
        address = 0
        if pages:
            first, count = map(int, pages.split(','))
            libc = ctypes.CDLL(None)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                                  ctypes.c_long]
            address = libc.mmap(None, count * 4096, 3 if writes or touched else 1, 2 if touched else 1, fd,
                                first * 4096)
            for page in touched: ctypes.memset(address + page * 4096, 1, 1)
        if reads: ctypes.string_at(address, 1)
        if closes: os.close(fd)
        print(os.getpid(), address, flush=True)
        while True:
            ready = select.select([0, woken], [], [])[0]
            if woken in ready: os.read(woken, 64)
            if 0 in ready and not os.read(0, 64): break
        """;

    private readonly Process _process;

    private FileHolder(Process process, int id, ulong address)
    {
        (_process, Id, Address) = (process, id, address);
        NextLine = process.StandardOutput.ReadLineAsync();
    }

    public int Id { get; }

    /// <summary>Where it has mapped the file; 0 where it has not.</summary>
    public ulong Address { get; }

    /// <summary>Ends when it says something: that it was signalled, or null that it has ended.</summary>
    public Task<string?> NextLine { get; }

    /// <param name="map">First page and pages; empty: none.</param>
    /// <param name="before">A program that starts it.</param>
    /// <param name="copies">Pages of the mapping, "1,4", that it writes to: it is a private one then.</param>
    /// <param name="reads">It reads the first byte of what it maps.</param>
    public static FileHolder Start(
        string path, string map = "", bool writes = false, bool closes = false, string[]? before = null,
        string copies = "", bool reads = false)
    {
        string[] arguments =
        [
            .. before ?? [], "python3", "-c", Program, path, map, writes ? "1" : "0", closes ? "1" : "0", copies,
            reads ? "1" : "0",
        ];
        var start = new ProcessStartInfo(arguments[0], arguments[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string[] said = process.StandardOutput.ReadLine()!.Split(' ');
        return new(
            process, int.Parse(said[0], CultureInfo.InvariantCulture),
            ulong.Parse(said[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
