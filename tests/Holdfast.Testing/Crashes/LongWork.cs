// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Crashes;

/// <summary>
/// Calls that the kernel carries out in many small steps, each announced by an intent: files of many extents are
/// shared, written again where they are shared, and exchanged. A crash finds some of it half done.
/// </summary>
internal sealed class LongWork(string folder, int seed) : IDisposable
{
    private const int Unit = 64 << 10;
    private const int Files = 3;
    private const int Extents = 600;
    private const int HeldMax = 4;
    private readonly Random _random = new(seed);
    private readonly Queue<TreeFile> _held = new();

    /// <summary>Works until the filesystem stops, or for as long as it offers such calls.</summary>
    public void Run()
    {
        using var tree = new Tree(folder);
        try
        {
            for (int i = 0; i < Files; i++)
            {
                if (!tree.Has($"long{i}")) Scatter(tree, $"long{i}");
            }

            while (Step(tree))
            {
            }
        }
        catch (IOException)
        {
            // It has stopped, or it is full.
        }
    }

    public void Dispose()
    {
        foreach (TreeFile file in _held) file.Dispose();
    }

    private static void Scatter(Tree tree, string name)
    {
        using TreeFile file = tree.OpenFile(name, create: true);
        byte[] block = new byte[512];
        for (int i = 0; i < Extents; i++)
        {
            block.AsSpan().Fill((byte)(i + 1));
            file.Write(2L * Unit * i, block);
        }

        file.Flush();
    }

    private bool Step(Tree tree)
    {
        int first = _random.Next(Files);
        int second = (first + _random.Next(1, Files)) % Files;
        using TreeFile one = tree.OpenFile($"long{first}");
        using TreeFile other = tree.OpenFile($"long{second}");
        if (_random.Next(12) == 0) Replace(tree, $"long{_random.Next(Files)}");
        if (_random.Next(2) == 0 && one.TryExchange(other)) return true;
        if (!one.TryCloneRange(other, 0, 0, 0)) return false;
        for (int i = _random.Next(20); i > 0; i--)
        {
            int at = _random.Next(Extents);
            one.Write(2L * Unit * at, [(byte)(at + 1)]);
        }

        return true;
    }

    /// <summary>The old file stays open without a name.</summary>
    private void Replace(Tree tree, string name)
    {
        _held.Enqueue(tree.OpenFile(name));
        tree.Delete(name);
        Scatter(tree, name);
        if (_held.Count > HeldMax) _held.Dequeue().Dispose();
    }
}
