// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Failures.Wording;

namespace Holdfast.Web.Reports;

/// <summary>A folder with files of its own: all, or one part of them where they are many.</summary>
/// <param name="Lines">The files, a line each: bytes lost, their share of the file, the name.</param>
/// <param name="Which">Of its files these are; empty for all.</param>
public sealed record FolderPart(Folder Folder, string Lines, string Which)
{
    private const int FilesMax = 5000;

    internal static IEnumerable<FolderPart> Of(FolderList list) => list.Folders.SelectMany(folder => Of(list, folder));

    private static IEnumerable<FolderPart> Of(FolderList list, Folder folder)
    {
        for (int at = 0; at == 0 || at < folder.Own; at += FilesMax)
        {
            int count = Math.Min(FilesMax, folder.Own - at);
            string which = folder.Own <= FilesMax ? "" : string.Create(
                CultureInfo.InvariantCulture, $"; its own {at + 1:N0} to {at + count:N0}");
            yield return new(folder, Text(list, folder.First + at, count), which);
        }
    }

    private static string Text(FolderList list, int first, int count)
    {
        var text = new StringBuilder();
        for (int i = first; i < first + count; i++)
        {
            DamagedFile file = list.Files[i];
            string lost = file is { IsAllLost: true, BytesLost: 0 } ? "all" : ByteText.Of(file.BytesLost);
            string share = file.Share is { } known ? ByteText.Percent(known) : "";
            ReadOnlySpan<byte> path = file.Path.Bytes.Span;
            string name = path.IsEmpty ? "/" : VisibleText.Of(path[(path.LastIndexOf((byte)'/') + 1)..]);
            text.Append(CultureInfo.InvariantCulture, $"{lost,10}  {share,8}  {name}\n");
        }

        return text.ToString();
    }
}
