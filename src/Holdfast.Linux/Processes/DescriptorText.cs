// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>What a file of /proc says, read whole into memory that is used again. One thread's.</summary>
internal sealed unsafe class DescriptorText
{
    // No process has so many mappings: vm.max_map_count would have to be a thousand times its default.
    private const int BytesMax = 1 << 28;

    private byte[] _buffer = new byte[4096];
    private int _length;

    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <returns>0, or why it could not be read, of errno(3).</returns>
    internal int Read(int descriptor)
    {
        _length = 0;
        while (true)
        {
            if (_length == _buffer.Length)
            {
                if (_length >= BytesMax) return Native.EFBIG;
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            nint read;
            fixed (byte* at = &_buffer[_length])
            {
                read = Native.Read(descriptor, at, (nuint)(_buffer.Length - _length));
            }

            if (read < 0) return Marshal.GetLastPInvokeError();
            if (read == 0) return 0;
            _length += (int)read;
        }
    }

    /// <summary>Opens, reads and closes.</summary>
    /// <param name="path">From a folder on; no NUL in it.</param>
    internal int ReadAt(int folder, ReadOnlySpan<byte> path)
    {
        int descriptor = Native.OpenAt(folder, path, Native.O_RDONLY | Native.O_CLOEXEC);
        if (descriptor < 0)
        {
            _length = 0;
            return Marshal.GetLastPInvokeError();
        }

        int error = Read(descriptor);
        _ = Native.Close(descriptor);
        return error;
    }

    /// <summary>What follows a name at the beginning of a line; empty where no line begins with it.</summary>
    internal ReadOnlySpan<byte> Field(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = Bytes;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (line.StartsWith(name)) return line[name.Length..].Trim("\t "u8);
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return default;
    }
}
