// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>Where a workload runs, what decides its choices, and the content it writes.</summary>
internal sealed class WorkloadPlace(Tree tree, Random random, int scale)
{
    private readonly byte[] _content = Content(random);

    public Tree Tree { get; } = tree;

    public Random Random { get; } = random;

    public int Scale { get; } = scale;

    /// <summary>A length whose logarithm is spread evenly, so that small ones are as likely as large ones.</summary>
    public int Length(int most) => (int)Math.Pow(2, Random.NextDouble() * Math.Log2(most + 1));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public ReadOnlySpan<byte> Bytes(int length) => _content.AsSpan(Random.Next(_content.Length - length + 1), length);

    /// <summary>A name of letters and digits with the given prefix, up to 255 bytes in all.</summary>
    public string LongName(string prefix, int length)
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        return string.Create(Math.Clamp(length, prefix.Length, 255), (prefix, Random), static (name, state) =>
        {
            state.prefix.CopyTo(name);
            Span<char> rest = name[state.prefix.Length..];
            for (int i = 0; i < rest.Length; i++) rest[i] = Letters[state.Random.Next(Letters.Length)];
        });
    }

    private static byte[] Content(Random random)
    {
        var content = new byte[4 << 20];
        random.NextBytes(content);
        return content;
    }
}
