// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;

namespace Holdfast.Testing.Oracle;

/// <summary>
/// Files kept in the tree, packed as Brotli under the name with ".br" added: .NET unpacks them without any other
/// program.
/// </summary>
public static class Packed
{
    private const string Suffix = ".br";
    private const int PieceSize = 64 << 10;

    public static bool Exists(string path) => File.Exists(path + Suffix);

    public static byte[] Read(string path)
    {
        using BrotliStream packed = Open(path);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using BrotliStream packed = Create(path);
        packed.Write(bytes);
    }

    /// <summary>Packs a file that may be larger than memory.</summary>
    public static void WriteFile(string path, string from)
    {
        using FileStream file = File.OpenRead(from);
        using BrotliStream packed = Create(path);
        file.CopyTo(packed, PieceSize);
    }

    /// <summary>Unpacks to a new file, in which runs of zeros are holes.</summary>
    public static void ReadFile(string path, string to)
    {
        using BrotliStream packed = Open(path);
        using var file = new FileStream(to, FileMode.CreateNew);
        var piece = new byte[PieceSize];
        long at = 0;
        for (int length; (length = packed.ReadAtLeast(piece, PieceSize, throwOnEndOfStream: false)) > 0; at += length)
        {
            if (!piece.AsSpan(0, length).ContainsAnyExcept((byte)0)) continue;
            file.Position = at;
            file.Write(piece, 0, length);
        }

        file.SetLength(at);
    }

    private static BrotliStream Open(string path) => new(File.OpenRead(path + Suffix), CompressionMode.Decompress);

    private static BrotliStream Create(string path) => new(File.Create(path + Suffix), CompressionLevel.SmallestSize);
}
