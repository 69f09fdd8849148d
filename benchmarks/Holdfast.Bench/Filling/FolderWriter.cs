// SPDX-License-Identifier: Apache-2.0
using Holdfast.Bench.Kernel;

namespace Holdfast.Bench.Filling;

/// <summary>Makes the files of one directory. One thread's.</summary>
internal sealed class FolderWriter : IDisposable
{
    private const int BlockSize = 4096;
    private const int FileClone = 0x40049409; // FICLONE
    private const int ReadWriteForOwner = 0x180;

    private readonly int _directory;
    private readonly string _path;
    private readonly Random _random;
    private readonly byte[] _content = new byte[BlockSize];
    private string? _lastWritten;

    public FolderWriter(string path, Random random, int seed)
    {
        _path = path;
        _random = random;
        _directory = Calls.Open(path, Calls.O_RDONLY | Calls.O_DIRECTORY);
        new Random(seed).NextBytes(_content);
    }

    public void Dispose() => _ = Calls.Close(_directory);

    /// <summary>Makes this many entries; returns how many inodes that took.</summary>
    public int Fill(int count)
    {
        int inodes = 0;
        for (int i = 0; i < count; i++)
        {
            string name = Words.File(_random, i);
            inodes += Make(name, _random.Next(10_000)) ? 1 : 0;
        }

        return inodes;
    }

    private bool Make(string name, int kind)
    {
        switch (kind)
        {
            case < 100 when _lastWritten is not null:
                Link(name);
                return false;
            case < 300:
                byte[] target = Calls.Name($"../{Words.Folder(_random)}/{name}");
                Calls.Check(Calls.SymlinkAt(in target[0], _directory, in Calls.Name(name)[0]), name);
                return true;
        }

        int fd = Calls.OpenAt(
            _directory, in Calls.Name(name)[0], Calls.O_RDWR | Calls.O_CREAT | Calls.O_CLOEXEC, ReadWriteForOwner);
        Calls.Check(fd, $"{_path}/{name}");
        switch (kind)
        {
            case < 350 when _lastWritten is not null:
                Clone(fd);
                break;
            case < 352:
                // More extents than an inode holds: its block map becomes a btree.
                for (int i = 0; i < 120; i++) Allocate(fd, i * 2, 1);
                break;
            case < 400:
                for (int i = 0; i < _random.Next(2, 9); i++) Write(fd, (long)i * 2 * BlockSize, BlockSize);
                break;
            case < 1000:
                break; // empty
            case < 2200:
                Write(fd, 0, _random.Next(1, BlockSize));
                _lastWritten = name;
                break;
            default:
                Allocate(fd, 0, _random.Next(1, 5));
                break;
        }

        return Calls.Close(fd) == 0;
    }

    private void Link(string name)
    {
        byte[] from = Calls.Name(_lastWritten!);
        Calls.Check(Calls.LinkAt(_directory, in from[0], _directory, in Calls.Name(name)[0], 0), name);
    }

    /// <summary>A filesystem without reflink gets a file with content of its own.</summary>
    private void Clone(int fd)
    {
        int from = Calls.OpenAt(_directory, in Calls.Name(_lastWritten!)[0], Calls.O_RDONLY | Calls.O_CLOEXEC, 0);
        Calls.Check(from, _lastWritten!);
        if (Calls.Control(fd, FileClone, from) < 0) Write(fd, 0, BlockSize);
        _ = Calls.Close(from);
    }

    /// <summary>Space without content, in blocks.</summary>
    private void Allocate(int fd, int first, int count) => Calls.Check(
        Calls.Allocate(fd, 0, (long)first * BlockSize, (long)count * BlockSize), $"{_path}: fallocate");

    private void Write(int fd, long offset, int length)
    {
        if (Calls.Write(fd, in _content[0], (nuint)length, offset) != length) Calls.Check(-1, $"{_path}: write");
    }
}
