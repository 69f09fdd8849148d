// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Output;

/// <summary>Directory entries in the columns of ls -li, or as JSON.</summary>
internal static class FileListing
{
    private const int PermissionBits = 9;

    public static void Write(IPage page, IReadOnlyList<FileEntry> entries)
    {
        int inodeWidth = Width(entries, e => e.Inode.ToString());
        int linksWidth = Width(entries, e => $"{e.Links}");
        int userWidth = Width(entries, e => $"{e.UserId}");
        int groupWidth = Width(entries, e => $"{e.GroupId}");
        int sizeWidth = Width(entries, e => $"{e.Size}");
        foreach (FileEntry entry in entries)
        {
            string inode = entry.Inode.ToString().PadLeft(inodeWidth);
            if (!entry.IsReadable)
            {
                page.Line([$"{inode} "], new Styled($"?????????? {VisibleText.Of(entry.Name)}: lost inode", Tone.Bad));
                continue;
            }

            string numbers = $"{$"{entry.Links}".PadLeft(linksWidth)} {$"{entry.UserId}".PadLeft(userWidth)} "
                + $"{$"{entry.GroupId}".PadLeft(groupWidth)} {$"{entry.Size}".PadLeft(sizeWidth)}";
            string time = entry.Modified.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            string arrow = entry.Type != FileType.Symlink ? ""
                : entry.Target is { } target ? $" -> {VisibleText.Of(target)}" : " -> ?";
            page.Line([$"{inode} {ModeText(entry)} {numbers} {time} "], VisibleText.Of(entry.Name) + arrow);
        }
    }

    public static void Write(Utf8JsonWriter json, FileEntry asked, IReadOnlyList<FileEntry> entries)
    {
        json.WriteNumber("inode"u8, asked.Inode.Value);
        json.WriteStartArray("entries"u8);
        foreach (FileEntry entry in entries)
        {
            json.WriteStartObject();
            ImpactJson.WritePath(json, "name", entry.Name);
            json.WriteNumber("inode"u8, entry.Inode.Value);
            json.WriteBoolean("readable"u8, entry.IsReadable);
            if (entry.IsReadable)
            {
                json.WriteString("type"u8, entry.Type.Word());
                json.WriteString("mode"u8, Convert.ToString(entry.Mode, 8));
                json.WriteNumber("links"u8, entry.Links);
                json.WriteNumber("uid"u8, entry.UserId);
                json.WriteNumber("gid"u8, entry.GroupId);
                json.WriteNumber("size"u8, entry.Size);
                json.WriteString("modified"u8, entry.Modified.UtcDateTime);
                json.WriteBoolean("realtime"u8, entry.IsRealtime);
                if (entry.Target is { } target) ImpactJson.WritePath(json, "target", target);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>"drwxr-xr-x", with set-id and sticky bits as ls shows them.</summary>
    public static string ModeText(FileEntry entry)
    {
        char type = entry.Type switch
        {
            FileType.Directory => 'd',
            FileType.Symlink => 'l',
            FileType.CharacterDevice => 'c',
            FileType.BlockDevice => 'b',
            FileType.Fifo => 'p',
            FileType.Socket => 's',
            _ => '-',
        };
        Span<char> text = stackalloc char[1 + PermissionBits];
        text[0] = type;
        for (int bit = 0; bit < PermissionBits; bit++)
        {
            bool isSet = (entry.Mode >> (PermissionBits - 1 - bit) & 1) != 0;
            text[1 + bit] = isSet ? "rwx"[bit % 3] : '-';
        }

        Special(text, 3, (entry.Mode & 0x800) != 0, 's');
        Special(text, 6, (entry.Mode & 0x400) != 0, 's');
        Special(text, 9, (entry.Mode & 0x200) != 0, 't');
        return new string(text);
    }

    private static void Special(Span<char> text, int at, bool isSet, char letter)
    {
        if (isSet) text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
    }

    private static int Width(IReadOnlyList<FileEntry> entries, Func<FileEntry, string> column)
    {
        int width = 0;
        foreach (FileEntry entry in entries) width = Math.Max(width, column(entry).Length);
        return width;
    }
}
