// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: what has room in its inode goes back there as an exchange leaves it, and is still what it was.
/// Method: a directory that attributes drove out of its inode, once these are gone; xfs_repair and the kernel look at
/// the outcome.
/// </summary>
public sealed class ShortFormReturnTests
{
    private const string Plain = "-m rmapbt=1 -n parent=0 -i exchange=1";

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData(12, ForkFormat.Local)]
    [InlineData(60, ForkFormat.Extents)]
    public void A_directory_of_one_block_goes_back_into_its_inode_if_it_fits(int entries, ForkFormat format)
    {
        using var test = new ForkCase(
            Plain,
            tree =>
            {
                tree.MakeFolder("folder");
                tree.SetAttribute("folder", "user.long", new byte[200]);
                for (int i = 0; i < entries; i++) tree.Create($"folder/entry{i}");
                tree.RemoveAttribute("folder", "user.long");
            },
            "folder");
        KernelAnswers before = test.ByKernel(_ => { });
        KernelAnswers after = test.ByUs(context =>
        {
            InodeEditor folder = context.Forks.Open(test.InodeOf("folder"));
            Assert.Equal(ForkFormat.Extents, folder.FormatOf(ForkKind.Data));
            ShortFormReturn.Try(context, folder, ForkKind.Data);
            context.Editor.Commit();
            context.Deferred.FinishAll(context);
            Assert.Equal(format, folder.FormatOf(ForkKind.Data));
            Assert.Equal(format == ForkFormat.Local ? 0ul : 1ul, folder.Blocks);
        });
        Same.Lines("paths", Lines(before), Lines(after));
    }

    private static IEnumerable<string> Lines(KernelAnswers answers) =>
        InodePaths.FromZeroSeparated(answers.Paths).Lines().Order(StringComparer.Ordinal);
}
