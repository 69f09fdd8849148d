// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>Writes V5 blocks of remote attribute values and symlinks.</summary>
public static class RemoteWriter
{
    public static byte[] Write(
        in BlockIdentity identity, int blockSize, uint magic, int offset, ReadOnlySpan<byte> part)
    {
        byte[] block = new byte[blockSize];
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(4), offset);
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(8), part.Length);
        part.CopyTo(block.AsSpan(56));
        StampWriter.Remote(block, in identity, magic);
        return block;
    }
}
