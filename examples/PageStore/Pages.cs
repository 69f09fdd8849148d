// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PageStore;

/// <summary>
/// A file of pages of 4096 bytes, each with the SHA-256 of its content in front, and a replica of it on another disk:
/// what a real store would have as a log or a second copy.
/// </summary>
internal sealed class Pages(string dataPath, string replicaPath) : IDisposable
{
    internal const int Size = 4096;
    private const int SumSize = SHA256.HashSizeInBytes;

    private readonly FileStream _data = Open(dataPath);
    private readonly FileStream _replica = Open(replicaPath);

    internal FileStream Data => _data;

    internal long Count => _data.Length / Size;

    internal void Put(long page, ReadOnlySpan<byte> content)
    {
        byte[] bytes = new byte[Size];
        content[..Math.Min(content.Length, Size - SumSize)].CopyTo(bytes.AsSpan(SumSize));
        SHA256.HashData(bytes.AsSpan(SumSize), bytes);
        Write(_data, page, bytes);
        Write(_replica, page, bytes);
    }

    /// <summary>Fills a new store: page i holds its number, over and over.</summary>
    internal void Create(int count)
    {
        byte[] content = new byte[Size - SumSize];
        for (int page = 0; page < count; page++)
        {
            for (int at = 0; at + sizeof(int) <= content.Length; at += sizeof(int))
            {
                BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(at), page);
            }

            Put(page, content);
        }
    }

    internal bool IsWhole(long page)
    {
        byte[] bytes = new byte[Size];
        try
        {
            return RandomAccess.Read(_data.SafeFileHandle, bytes, page * Size) == Size
                && SHA256.HashData(bytes.AsSpan(SumSize)).AsSpan().SequenceEqual(bytes.AsSpan(0, SumSize));
        }
        catch (IOException)
        {
            // The disk says so itself.
            return false;
        }
    }

    /// <summary>Writes a page anew from the replica. Writing is what makes a disk replace a bad sector.</summary>
    internal void Restore(long page)
    {
        byte[] bytes = new byte[Size];
        RandomAccess.Read(_replica.SafeFileHandle, bytes, page * Size);
        Write(_data, page, bytes);
    }

    public void Dispose()
    {
        _data.Dispose();
        _replica.Dispose();
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);

    private static void Write(FileStream file, long page, byte[] bytes)
    {
        RandomAccess.Write(file.SafeFileHandle, bytes, page * Size);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
