// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Web.Reports;

/// <summary>
/// Damaged files as a tree, written down folder by folder: a list can be looked through, printed and cut into pieces
/// however many there are, and no path is too deep for it.
/// </summary>
public sealed class FolderList
{
    private readonly List<Folder> _folders = [];

    private FolderList(DamagedFile[] files) => Files = files;

    /// <summary>Each folder's own files stand together.</summary>
    public IReadOnlyList<DamagedFile> Files { get; }

    /// <summary>Each before those in it.</summary>
    public IReadOnlyList<Folder> Folders => _folders;

    /// <param name="files">In any order.</param>
    public static FolderList Of(IEnumerable<DamagedFile> files)
    {
        DamagedFile[] sorted = [.. files];
        Array.Sort(sorted, FolderOrder.Instance);
        var list = new FolderList(sorted);
        list.Collect(sorted);
        return list;
    }

    private void Collect(DamagedFile[] files)
    {
        ReadOnlyMemory<byte>[] wanted = Wanted(files);
        var open = new Stack<Folder>();
        int next = 0;
        foreach (ReadOnlyMemory<byte> path in wanted)
        {
            while (open.Count > 0 && !IsIn(path.Span, open.Peek().Path.Bytes.Span)) Close(open);
            var folder = new Folder(new(path), open.Count) { Name = NameOf(path, open) };
            _folders.Add(folder);
            open.Push(folder);
            folder.First = next;
            while (next < files.Length && FolderOrder.FolderOf(files[next]).SequenceEqual(path.Span))
            {
                folder.Own++;
                folder.FileCount++;
                folder.BytesLost += files[next++].BytesLost;
            }
        }

        while (open.Count > 0) Close(open);
    }

    /// <summary>Folders with files of their own, and those in which ways part, in order.</summary>
    private static ReadOnlyMemory<byte>[] Wanted(DamagedFile[] files)
    {
        var wanted = new List<ReadOnlyMemory<byte>>();
        ReadOnlyMemory<byte> last = default;
        foreach (DamagedFile file in files)
        {
            ReadOnlyMemory<byte> folder = file.Path.Bytes[..FolderOrder.FolderOf(file).Length];
            if (wanted.Count > 0)
            {
                if (folder.Span.SequenceEqual(last.Span)) continue;
                int common = FolderOrder.CommonFolder(last.Span, folder.Span);
                if (common < last.Length) wanted.Add(last[..common]);
            }

            wanted.Add(folder);
            last = folder;
        }

        wanted.Sort((left, right) => FolderOrder.CompareFolders(left.Span, right.Span));
        return [.. wanted.Where((at, i) => i == 0 || !at.Span.SequenceEqual(wanted[i - 1].Span))];
    }

    private static bool IsIn(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        folder.IsEmpty || (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/'));

    private static PathName NameOf(ReadOnlyMemory<byte> path, Stack<Folder> open)
    {
        int above = open.Count == 0 ? 0 : open.Peek().Path.Bytes.Length;
        return new(path[(above == 0 ? 0 : above + 1)..]);
    }

    private static void Close(Stack<Folder> open)
    {
        Folder closed = open.Pop();
        if (open.Count == 0) return;
        open.Peek().FileCount += closed.FileCount;
        open.Peek().BytesLost += closed.BytesLost;
    }
}
