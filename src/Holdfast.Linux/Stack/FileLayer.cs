// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Stack;

/// <summary>
/// A file on the device of its filesystem. Which bytes are where is asked anew each time, for files move; a hole and
/// what is only in memory lie nowhere. What two parts of a file share goes up to both.
/// </summary>
/// <param name="path">Where it is found.</param>
/// <param name="identity">What must be found there.</param>
public sealed class FileLayer(string path, FileIdentity identity) : StackLayer
{
    public override string Kind => "file";

    /// <exception cref="KernelRefusal">The file is not there any more, or its filesystem cannot say.</exception>
    public override IEnumerable<StackPiece> Up(int member, ByteRange below) =>
        UpAll(member, ByteRangeSet.From([below]));

    /// <summary>One pass over all extents of the file, however many ranges there are.</summary>
    /// <exception cref="KernelRefusal">As above.</exception>
    public override IEnumerable<StackPiece> UpAll(int member, ByteRangeSet below)
    {
        var found = new List<StackPiece>();
        using FileExtents extents = Open();
        foreach (FileExtent extent in extents.Within(new(0, long.MaxValue)))
        {
            if (extent.Place is not { } place) continue;
            foreach (ByteRange hit in below.Within(new(place, extent.Length)))
            {
                found.Add(new(member, hit, new(hit.Offset - place + extent.Offset, hit.Length)));
            }
        }

        return found.OrderBy(piece => piece.Below).ThenBy(piece => piece.Above);
    }

    /// <exception cref="KernelRefusal">As above.</exception>
    public override IEnumerable<StackPiece> Down(ByteRange above)
    {
        using FileExtents extents = Open();
        foreach (FileExtent extent in extents.Within(above))
        {
            if (extent.Place is not { } place) continue;
            yield return new(0, new(place, extent.Length), new(extent.Offset, extent.Length));
        }
    }

    private FileExtents Open()
    {
        FileExtents extents = FileExtents.Open(path);
        if (extents.Identity == identity) return extents;
        extents.Dispose();
        throw KernelRefusal.Of(path, "open", Native.ESTALE);
    }
}
