// SPDX-License-Identifier: Apache-2.0
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Cli.Output;

/// <summary>
/// The process's stdout as plain bytes. Not Console's stream, which swallows a closed pipe: a reader that has heard
/// enough (`| head`) should end the work.
/// </summary>
internal static class StandardOutput
{
    private const int BufferSize = 1 << 16;
    private const int EPIPE = 32;

    /// <summary>As a shell shows a program that SIGPIPE ended: 128 + 13.</summary>
    public const int BrokenPipeStatus = 141;

    /// <summary>Owned by the caller; nothing is written before the buffer is full or it is flushed.</summary>
    public static Stream Open() =>
        new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, BufferSize);

    public static bool IsBrokenPipe(IOException exception) => (exception.HResult & 0xFFFF) == EPIPE;
}
