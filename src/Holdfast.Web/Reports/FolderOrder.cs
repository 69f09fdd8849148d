// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>
/// The order of a tree that is written down line by line: a folder's own files, then its folders, each with all that is
/// in it.
/// </summary>
internal sealed class FolderOrder : IComparer<DamagedFile>
{
    internal static FolderOrder Instance { get; } = new();

    public int Compare(DamagedFile x, DamagedFile y)
    {
        int byFolder = CompareFolders(FolderOf(x), FolderOf(y));
        return byFolder != 0 ? byFolder : x.Path.CompareTo(y.Path);
    }

    /// <summary>Without a slash at its end; empty for the root.</summary>
    internal static ReadOnlySpan<byte> FolderOf(DamagedFile file)
    {
        ReadOnlySpan<byte> path = file.Path.Bytes.Span;
        int slash = path.LastIndexOf((byte)'/');
        return slash < 0 ? default : path[..slash];
    }

    /// <summary>A slash comes before every other byte: nothing stands between a folder and what is in it.</summary>
    internal static int CompareFolders(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length) return left.Length.CompareTo(right.Length);
        if (left[common] == '/') return -1;
        return right[common] == '/' ? 1 : left[common].CompareTo(right[common]);
    }

    /// <summary>The longest folder that both are in.</summary>
    internal static int CommonFolder(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = left.CommonPrefixLength(right);
        bool leftEnds = common == left.Length || left[common] == '/';
        bool rightEnds = common == right.Length || right[common] == '/';
        if (leftEnds && rightEnds) return common;
        return Math.Max(0, left[..common].LastIndexOf((byte)'/'));
    }
}
