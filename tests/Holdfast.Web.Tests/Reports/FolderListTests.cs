// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Web.Reports;

namespace Holdfast.Web.Tests.Reports;

/// <summary>Goal: a tree that loses no file and adds none up twice. Method: against sums over all paths.</summary>
public sealed class FolderListTests
{
    private static readonly string[] Names = ["a", "b", "a-b", "a.b", "c", "ab", "\u00e9"];

    [Fact]
    public void A_folder_counts_what_is_in_it_and_below_it()
    {
        var random = new Random(3);
        for (int round = 0; round < 500; round++)
        {
            DamagedFile[] files = [.. Enumerable.Range(0, random.Next(1, 60)).Select(i => new DamagedFile(
                PathName.FromText(Path(random, i)), random.Next(1, 1000), null))];
            var list = FolderList.Of(files);

            Assert.Equal(files.Select(at => at.Path).Order(), list.Files.Select(at => at.Path).Order());
            Assert.Equal(files.Length, list.Folders.Sum(at => at.Own));
            Assert.Equal(list.Folders.Count, list.Folders.Select(at => at.Path).Distinct().Count());
            foreach (Folder folder in list.Folders)
            {
                DamagedFile[] below = [.. files.Where(at => IsBelow(at.Path, folder.Path))];
                Assert.Equal((below.Length, below.Sum(at => at.BytesLost)), (folder.FileCount, folder.BytesLost));
                Assert.All(
                    list.Files.Skip(folder.First).Take(folder.Own),
                    at => Assert.Equal(folder.Path, ParentOf(at.Path)));
            }

            AssertIsATree(list.Folders);
        }
    }

    [Fact]
    public void A_way_that_nothing_parts_from_is_one_line()
    {
        var list = FolderList.Of(
        [
            new(PathName.FromText("srv/data/one/x"), 1, null), new(PathName.FromText("srv/data/two/deep/y"), 2, null),
        ]);
        Assert.Equal(
            [("srv/data", 0, 0), ("one", 1, 1), ("two/deep", 1, 1)],
            list.Folders.Select(at => (at.Name.ToString(), at.Depth, at.Own)));
    }

    /// <summary>Each is named from the one above it that is shown, which comes before it.</summary>
    private static void AssertIsATree(IReadOnlyList<Folder> folders)
    {
        var above = new List<Folder>();
        foreach (Folder folder in folders)
        {
            Assert.InRange(folder.Depth, 0, above.Count);
            above.RemoveRange(folder.Depth, above.Count - folder.Depth);
            string path = above.Count > 0 && !above[^1].Path.Bytes.IsEmpty ? $"{above[^1].Path}/{folder.Name}"
                : folder.Name.ToString();
            Assert.Equal(folder.Path.ToString(), path);
            above.Add(folder);
        }

        Assert.Single(folders, at => at.Depth == 0);
    }

    private static string Path(Random random, int number)
    {
        IEnumerable<string> folders = Enumerable.Range(0, random.Next(5)).Select(_ => Names[random.Next(Names.Length)]);
        return string.Join('/', folders.Append($"file{number}"));
    }

    private static PathName ParentOf(PathName path)
    {
        string text = path.ToString();
        return PathName.FromText(text.Contains('/') ? text[..text.LastIndexOf('/')] : "");
    }

    private static bool IsBelow(PathName path, PathName folder) =>
        folder.Bytes.IsEmpty || path.ToString().StartsWith($"{folder}/", StringComparison.Ordinal);
}
