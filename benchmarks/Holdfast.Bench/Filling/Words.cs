// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Bench.Filling;

/// <summary>Names as people and programs give them: 5 to 40 bytes.</summary>
internal static class Words
{
    private static readonly string[] Nouns =
    [
        "report", "index", "invoice", "photo", "main", "module", "track", "draft", "config", "session", "thumbnail",
        "readme", "message", "backup", "chapter", "measurement", "snapshot", "cache-entry", "translation", "layer",
    ];

    private static readonly string[] Folders =
        ["src", "photos", "2024", "archive", "mail", "lib", "projects", "cache", "objects", "node_modules", "music"];

    private static readonly string[] Endings =
        [".txt", ".jpg", ".c", ".json", ".log", ".html", ".o", ".pdf", "", ".tar.gz", ".py", ".db"];

    internal static string Folder(Random random) => Folders[random.Next(Folders.Length)];

    internal static string File(Random random, int index) =>
        $"{Nouns[random.Next(Nouns.Length)]}-{index}{Endings[random.Next(Endings.Length)]}";
}
