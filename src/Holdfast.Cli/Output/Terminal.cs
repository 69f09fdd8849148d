// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>Is there a person on the other end, and what can be shown to them?</summary>
internal static class Terminal
{
    private const int WidthMin = 40;
    private const int WidthDefault = 80;

    public static bool IsOutput => !Console.IsOutputRedirected;

    public static bool IsError => !Console.IsErrorRedirected;

    /// <summary>See no-color.org: set, and not empty.</summary>
    public static bool HasColor =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>A page on the process's stdout, as its reader can take it.</summary>
    public static IPage OpenPage(Stream stream) =>
        IsOutput ? new TerminalPage(stream, Width, HasColor) : new PlainPage(stream);

    private static int Width
    {
        get
        {
            // A terminal may not know its own width: a serial line says 0.
            int width = Console.WindowWidth;
            return width >= WidthMin ? width : WidthDefault;
        }
    }
}
