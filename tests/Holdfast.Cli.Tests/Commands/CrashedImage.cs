// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The bundled filesystem that lost its power, unpacked once for all tests of a class.</summary>
public sealed class CrashedImage : IDisposable
{
    private readonly Scratch _scratch = new("crashed");

    public CrashedImage()
    {
        Image = _scratch.PathOf("crashed.img");
        using FileStream bundled = File.OpenRead(Checkout.PathOf("samples", "crashed.img.gz"));
        using var packed = new GZipStream(bundled, CompressionMode.Decompress);
        using FileStream unpacked = File.Create(Image);
        packed.CopyTo(unpacked);
    }

    public string Folder => _scratch.Folder;

    public string Image { get; }

    public void Dispose() => _scratch.Dispose();
}
