// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>The bundled disk of a host with the disk of a virtual machine on it, unpacked once for a class.</summary>
public sealed class NestedImage : IDisposable
{
    private readonly Scratch _scratch = new("nested");

    public NestedImage()
    {
        Path = _scratch.PathOf("nested.img");
        using FileStream bundled = File.OpenRead(Checkout.PathOf("samples", "nested.img.gz"));
        using var packed = new GZipStream(bundled, CompressionMode.Decompress);
        using FileStream unpacked = File.Create(Path);
        packed.CopyTo(unpacked);
    }

    public string Path { get; }

    public void Dispose() => _scratch.Dispose();
}
