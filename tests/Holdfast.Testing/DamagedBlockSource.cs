// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Testing;

/// <summary>Another source with one stretch of it replaced, or failing with EIO. Borrows what it wraps.</summary>
/// <param name="damageAt">Bytes of the source.</param>
/// <param name="replacement">What is read there.</param>
/// <param name="unreadable">True: every read that touches the stretch fails instead.</param>
public sealed class DamagedBlockSource(IBlockSource inner, long damageAt, byte[] replacement,
    bool unreadable) : IBlockSource
{
    private const int InputOutputError = 5;

    private long _bytesRead;

    public string Name => inner.Name;

    public long Length => inner.Length;

    public int SectorSize => inner.SectorSize;

    /// <summary>Bytes asked for so far: what bounds a reader that damage sends in circles.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        Interlocked.Add(ref _bytesRead, buffer.Length);
        long start = Math.Max(offset, damageAt);
        long end = Math.Min(offset + buffer.Length, damageAt + replacement.Length);
        if (start < end && unreadable) return new(ReadFaultKind.Io, start, InputOutputError);
        ReadFault fault = inner.Read(offset, buffer);
        if (fault.IsNone && start < end)
        {
            replacement.AsSpan((int)(start - damageAt), (int)(end - start)).CopyTo(buffer[(int)(start - offset)..]);
        }

        return fault;
    }

    public void Dispose()
    {
    }
}
