// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.IO.Compression;
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Tests.Support;

/// <summary>Disk images made by the real tools, and what those said of them (Fixtures/make).</summary>
internal sealed class DiskFolder(string folder)
{
    private readonly ConcurrentDictionary<string, byte[]> _unpacked = new();

    /// <summary>A copy of the caller's own.</summary>
    internal byte[] Bytes(string image) => [.. _unpacked.GetOrAdd(image, Unpack)];

    internal MemoryBlockSource Disk(string image) => new(image, _unpacked.GetOrAdd(image, Unpack));

    internal string[] Lines(string answers) => File.ReadAllLines(Path.Combine(folder, $"{answers}.txt"));

    private byte[] Unpack(string image)
    {
        using FileStream file = File.OpenRead(Path.Combine(folder, $"{image}.img.gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        return bytes.ToArray();
    }
}
