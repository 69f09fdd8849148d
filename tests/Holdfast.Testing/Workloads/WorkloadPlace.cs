// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Where a workload runs, what decides its choices, and the content it writes.</summary>
internal sealed class WorkloadPlace(Tree tree, Random random, double scale)
{
    private readonly byte[] _content = Content(random);

    public Tree Tree { get; } = tree;

    public Random Random { get; } = random;

    /// <summary>How many of something there are to be, of which a workload of scale 1 has the given number.</summary>
    public int Count(int ofScaleOne, int atLeast = 1) => Math.Max(atLeast, (int)(ofScaleOne * scale));

    /// <summary>A length whose logarithm is spread evenly, so that small ones are as likely as large ones.</summary>
    public int Length(int most) => (int)Math.Pow(2, Random.NextDouble() * Math.Log2(most + 1));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public ReadOnlySpan<byte> Bytes(int length) => _content.AsSpan(Random.Next(_content.Length - length + 1), length);

    /// <summary>A name with the given prefix, which makes it unique, filled up to a length of at most 255.</summary>
    public string LongName(string prefix, int length)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        length = Math.Clamp(length, prefix.Length, 255);
        return string.Create(length, (prefix, phase: Random.Next(Alphabet.Length)), static (name, state) =>
        {
            state.prefix.CopyTo(name);
            Span<char> rest = name[state.prefix.Length..];
            for (int i = 0; i < rest.Length; i++) rest[i] = Alphabet[(state.phase + i) % Alphabet.Length];
        });
    }

    /// <summary>Never zeros, and easily compressed: runs of one byte, so that images take little space.</summary>
    private static byte[] Content(Random random)
    {
        var content = new byte[4 << 20];
        const int Run = 4096;
        for (int at = 0; at < content.Length; at += Run) content.AsSpan(at, Run).Fill((byte)random.Next(1, 256));
        return content;
    }
}
