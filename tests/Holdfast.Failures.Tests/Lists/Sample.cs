// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Failures.Tests.Lists;

/// <summary>Lists as streams: the golden files under Samples, and texts of a test's own.</summary>
internal static class Sample
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Samples", name);

    public static FileStream Open(string name) => File.OpenRead(PathOf(name));

    /// <summary>Every byte of the text as one character, so that no encoding stands in between.</summary>
    public static Stream Of(string text) => new MemoryStream(Encoding.Latin1.GetBytes(text));

    /// <summary>The same bytes in pieces of random size, as a pipe gives them.</summary>
    public static Stream InPieces(string text, int seed) => new PieceStream(Encoding.Latin1.GetBytes(text), seed);

    private sealed class PieceStream(byte[] bytes, int seed) : MemoryStream(bytes)
    {
        private readonly Random _random = new(seed);

        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, _random.Next(1, 9)));

        public override int Read(Span<byte> buffer) =>
            base.Read(buffer[..Math.Min(buffer.Length, _random.Next(1, 9))]);
    }
}
