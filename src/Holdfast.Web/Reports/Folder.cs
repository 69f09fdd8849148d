// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Web.Reports;

/// <summary>A folder that has damaged files, or in which ways to several of them part.</summary>
public sealed class Folder
{
    internal Folder(PathName path, int depth)
    {
        Path = path;
        Depth = depth;
    }

    public PathName Path { get; }

    /// <summary>Of folders above it that are in the list themselves.</summary>
    public int Depth { get; }

    /// <summary>Its name from the folder above it that is in the list.</summary>
    public PathName Name { get; internal set; }

    /// <summary>Damaged files in it and in all folders below.</summary>
    public int FileCount { get; internal set; }

    public long BytesLost { get; internal set; }

    /// <summary>Where its own files begin in the sorted list.</summary>
    public int First { get; internal set; }

    /// <summary>How many files are its own.</summary>
    public int Own { get; internal set; }
}
