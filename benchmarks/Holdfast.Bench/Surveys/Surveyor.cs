// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Bench.Kernel;

namespace Holdfast.Bench.Surveys;

/// <summary>
/// Chooses the questions: one block of file content, 100,000 blocks of as many files, 100,000 blocks anywhere in used
/// space; and lists the metadata that any answer without an index has to read.
/// </summary>
internal sealed class Surveyor(string mount, long deviceLength)
{
    private const int BadRanges = 100_000;

    /// <summary>Directory content; the hash index lies above.</summary>
    private const long DirectoryLeafOffset = 1L << 35;

    private readonly Random _random = new(1);

    /// <param name="stem">Path without an ending: .json, .metadata, .files.map and .used.map are written.</param>
    public Survey Run(string stem)
    {
        using var kernel = new MountedXfs(mount);
        List<ListedInode> inodes = [.. kernel.Inodes()];
        List<ListedInode> directories = inodes.FindAll(i => i.IsDirectory);
        List<(long Offset, long Length)> metadata = MetadataOf(kernel, directories);
        File.WriteAllLines(
            stem + ".metadata",
            metadata.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Offset} {m.Length}")));
        ListedInode target = inodes.Skip(inodes.Count / 2)
            .First(i => i.IsRegular && i.Size is > 0 and <= 4096 && i.Blocks > 0 && !kernel.MappingsOf(i)[0].Unwritten);

        WriteMapfile(stem + ".files.map", BlocksOfFiles(kernel, inodes), kernel.BlockSize);
        WriteMapfile(stem + ".used.map", BlocksInUse(kernel.BlockSize), kernel.BlockSize);
        var survey = new Survey(
            inodes.Count, directories.Count, target.Number, kernel.MappingsOf(target)[0].Physical,
            metadata.Sum(m => m.Length), metadata.Count);
        survey.Save(stem + ".json");
        return survey;
    }

    private static List<(long Offset, long Length)> MetadataOf(MountedXfs kernel, List<ListedInode> directories)
    {
        long chunkSize = MountedXfs.InodesPerChunk * kernel.InodeSize;
        IEnumerable<(long Offset, long Length)> all = kernel.Chunks().Select(c => (kernel.ByteOf(c), chunkSize))
            .Concat(directories.SelectMany(kernel.MappingsOf)
                .Where(m => m.FileOffset < DirectoryLeafOffset)
                .Select(m => (m.Physical, m.Length)));
        var merged = new List<(long Offset, long Length)>();
        foreach ((long offset, long length) in all.Order())
        {
            bool adjoins = merged.Count > 0 && merged[^1].Offset + merged[^1].Length == offset;
            if (adjoins) merged[^1] = (merged[^1].Offset, merged[^1].Length + length);
            else merged.Add((offset, length));
        }

        return merged;
    }

    /// <summary>One block of each of as many files, over the whole range of inodes.</summary>
    private SortedSet<long> BlocksOfFiles(MountedXfs kernel, List<ListedInode> inodes)
    {
        ListedInode[] files = [.. inodes.Where(i => i.IsRegular && i.Blocks > 0)];
        _random.Shuffle(files);
        var chosen = new SortedSet<long>();
        foreach (ListedInode file in files)
        {
            if (chosen.Count == BadRanges) break;
            List<Mapping> mappings = kernel.MappingsOf(file);
            if (mappings.Count == 0) continue; // its blocks hold attributes
            Mapping mapping = mappings[_random.Next(mappings.Count)];
            chosen.Add(mapping.Physical + (_random.NextInt64(mapping.Length / kernel.BlockSize) * kernel.BlockSize));
        }

        return chosen;
    }

    private SortedSet<long> BlocksInUse(int blockSize)
    {
        List<SpaceRow> used = SpaceMap.Read(mount).FindAll(r => !r.IsFree && !r.IsLog);
        long blocks = used.Sum(r => r.Length) / blockSize;
        var wanted = new SortedSet<long>();
        while (wanted.Count < Math.Min(BadRanges, blocks / 4)) wanted.Add(_random.NextInt64(blocks));
        var chosen = new SortedSet<long>();
        long first = 0;
        List<SpaceRow>.Enumerator row = used.GetEnumerator();
        row.MoveNext();
        foreach (long index in wanted)
        {
            while (index >= first + (row.Current.Length / blockSize))
            {
                first += row.Current.Length / blockSize;
                row.MoveNext();
            }

            chosen.Add(row.Current.Physical + ((index - first) * blockSize));
        }

        return chosen;
    }

    /// <summary>As GNU ddrescue leaves it: these blocks bad, everything else rescued.</summary>
    private void WriteMapfile(string path, SortedSet<long> blocks, int blockSize)
    {
        using var writer = new StreamWriter(path);
        writer.Write("# Mapfile. Created by GNU ddrescue version 1.27\n0x00000000     +               1\n");
        long at = 0;
        foreach (long block in blocks)
        {
            if (block > at) Line(at, block - at, '+');
            Line(block, blockSize, '-');
            at = block + blockSize;
        }

        if (at < deviceLength) Line(at, deviceLength - at, '+');
        return;

        void Line(long offset, long length, char status) =>
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"0x{offset:X8}  0x{length:X8}  {status}\n"));
    }
}
