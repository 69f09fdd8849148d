// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Cli.Output;

/// <summary>
/// The process's stdout or stderr as plain bytes through write(2). Not Console's streams, which swallow a closed pipe
/// (a reader that has heard enough should end the work) and send a terminal control sequences of their own. Not a
/// FileStream, which would write at a position of its own into a file that others append to.
/// </summary>
internal sealed partial class DescriptorStream : Stream
{
    /// <summary>As a shell shows a program that SIGPIPE ended: 128 + 13.</summary>
    public const int BrokenPipeStatus = 141;

    private const int BufferSize = 1 << 16;
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int EPIPE = 32;

    private readonly int _descriptor;

    private DescriptorStream(int descriptor) => _descriptor = descriptor;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Nothing is written before the buffer is full or it is flushed.</summary>
    public static Stream OpenOutput() => new BufferedStream(new DescriptorStream(1), BufferSize);

    /// <summary>Not buffered.</summary>
    public static Stream OpenError() => new DescriptorStream(2);

    public static bool IsBrokenPipe(IOException exception) => exception.HResult == EPIPE;

    /// <exception cref="IOException">The system's error number is its HResult.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = WriteSome(_descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno == EINTR) continue;
            if (errno != EAGAIN) throw Failure(errno);
            // Somebody made the terminal non-blocking for everyone.
            Thread.Sleep(1);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static IOException Failure(int errno) =>
        new($"writing the answer: {Marshal.GetPInvokeErrorMessage(errno)}") { HResult = errno };

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int fd, ref byte buffer, nuint count);
}
