// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.IO.Compression;
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Tests.Support;

/// <summary>Disk images made by the real tools, and what those said of them (Fixtures/make).</summary>
internal static class Bundled
{
    private static readonly ConcurrentDictionary<string, byte[]> Unpacked = new();

    /// <summary>A copy of the caller's own.</summary>
    internal static byte[] Bytes(string image) => [.. Unpacked.GetOrAdd(image, Unpack)];

    internal static MemoryBlockSource Disk(string image) => new(image, Unpacked.GetOrAdd(image, Unpack));

    internal static string[] Lines(string answers) => File.ReadAllLines(PathOf($"{answers}.txt"));

    private static byte[] Unpack(string image)
    {
        using FileStream file = File.OpenRead(PathOf($"{image}.img.gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);
}
