// SPDX-License-Identifier: Apache-2.0
using Holdfast.Bench.Kernel;

namespace Holdfast.Bench.Filling;

/// <summary>
/// Fills a filesystem with a tree that looks like use: directories of one to thousands of entries at every depth,
/// small files, fragmented files, holes, preallocation, hard links, reflinks, symlinks. The same seed makes the same
/// tree. Most files hold space without content, so that a million of them fit on any disk.
/// </summary>
internal sealed class TreeFiller(string root, int inodes, int seed)
{
    private const int Threads = 2;

    /// <summary>One entry in a hundred is one more link of a file.</summary>
    private const double EntriesPerInode = 1.015;

    private readonly record struct Folder(int Parent, string Name, int Files);

    private readonly List<Folder> _folders = [];

    /// <summary>Makes the tree; returns how many inodes it made.</summary>
    public int Run()
    {
        Plan();
        string[] paths = MakeDirectories();
        int next = 0;
        int made = paths.Length;
        Thread[] threads = new Thread[Threads];
        Exception? failure = null;
        for (int t = 0; t < Threads; t++)
        {
            threads[t] = new Thread(() =>
            {
                try
                {
                    int i;
                    while ((i = Interlocked.Increment(ref next) - 1) < paths.Length)
                    {
                        using var writer = new FolderWriter(paths[i], new Random(HashCode(i)), i);
                        Interlocked.Add(ref made, writer.Fill(_folders[i].Files));
                    }
                }
                catch (IOException e)
                {
                    failure = e;
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        return failure is null ? made : throw failure;
    }

    // Not string hashing or HashCode.Combine: those differ from run to run.
    private int HashCode(int index) => unchecked((seed * 31) + (index * 2654435761u).GetHashCode());

    private void Plan()
    {
        var random = new Random(seed);
        int left = (int)(inodes * EntriesPerInode);
        _folders.Add(new(-1, "", 50));
        left -= 51;
        while (left > 0)
        {
            int index = _folders.Count;
            // Most folders lie beside many others, some make a long way down.
            int parent = random.Next(4) == 0 ? index - 1 : random.Next(1 + (index / 4));
            int files = Math.Min(left, FilesIn(random));
            _folders.Add(new(parent, $"{Words.Folder(random)}-{index:x}", files));
            left -= files + 1;
        }
    }

    /// <summary>Skewed: many folders of a few files, few of thousands; about 120 on average.</summary>
    private static int FilesIn(Random random) => random.Next(100) switch
    {
        < 30 => random.Next(0, 8),
        < 90 => random.Next(20, 160),
        < 99 => random.Next(160, 700),
        _ => random.Next(1000, 5000),
    };

    private string[] MakeDirectories()
    {
        string[] paths = new string[_folders.Count];
        paths[0] = root;
        for (int i = 1; i < paths.Length; i++)
        {
            paths[i] = Path.Combine(paths[_folders[i].Parent], _folders[i].Name);
            Calls.Check(Calls.MakeDirectoryAt(-1, in Calls.Name(paths[i])[0], 0x1ED), paths[i]); // 0755
        }

        return paths;
    }
}
