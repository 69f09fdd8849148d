// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Cli.Output;

/// <summary>Is there a person on the other end, and what can be shown to them?</summary>
internal static partial class Terminal
{
    private const int WidthMin = 40;
    private const int WidthDefault = 80;
    private const nuint TIOCGWINSZ = 0x5413;

    public static bool IsOutput => !Console.IsOutputRedirected;

    public static bool IsError => !Console.IsErrorRedirected;

    /// <summary>See no-color.org: set, and not empty.</summary>
    public static bool HasColor =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && HasCursor;

    /// <summary>Can it be written to anywhere but at the end?</summary>
    public static bool HasCursor => Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>A page on the process's stdout, as its reader can take it.</summary>
    public static IPage OpenPage(Stream stream) =>
        IsOutput ? new TerminalPage(stream, Width, HasColor) : new PlainPage(stream);

    /// <summary>Asked of the terminal itself: Console would first switch its keypad into another mode.</summary>
    private static int Width
    {
        get
        {
            // struct winsize: rows, columns, and two that nobody fills in. A terminal may not know its own width: a
            // serial line says 0.
            Span<ushort> size = stackalloc ushort[4];
            int width = Ioctl(1, TIOCGWINSZ, ref size[0]) == 0 ? size[1] : 0;
            return width >= WidthMin ? width : WidthDefault;
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int fd, nuint request, ref ushort size);
}
