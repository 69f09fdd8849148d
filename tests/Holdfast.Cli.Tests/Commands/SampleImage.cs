// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The bundled sample, unpacked once for all tests of a class: what ddrescue saved, and its mapfile.</summary>
public sealed class SampleImage : IDisposable
{
    private readonly Scratch _scratch = new("sample");

    public SampleImage()
    {
        Image = _scratch.PathOf("rescued.img");
        using FileStream bundled = File.OpenRead(Checkout.PathOf("samples", "rescued.img.gz"));
        using var packed = new GZipStream(bundled, CompressionMode.Decompress);
        using FileStream unpacked = File.Create(Image);
        byte[] block = new byte[65536];
        int count;
        while ((count = packed.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)) > 0)
        {
            // Zeros become holes.
            if (block.AsSpan(0, count).ContainsAnyExcept((byte)0)) unpacked.Write(block, 0, count);
            else unpacked.Seek(count, SeekOrigin.Current);
            unpacked.SetLength(Math.Max(unpacked.Length, unpacked.Position));
        }

        File.Copy(Mapfile, _scratch.PathOf("rescue.map"));
    }

    /// <summary>A folder of the test's own; the image and "rescue.map" lie in it.</summary>
    public string Folder => _scratch.Folder;

    public string Image { get; }

    public string Mapfile { get; } = Checkout.PathOf("samples", "rescued.map");

    public void Dispose() => _scratch.Dispose();
}
