// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Policies;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>
/// What Linux 6.1, 6.12 and 7.2 did, as it was seen, row by row under the names it was written down by. Of each row:
/// who is signalled, whether the filesystem is shut down, what the reporter hears.
/// </summary>
public sealed class KernelReactionTests
{
    private const int EAGAIN = 11;
    private const int EBUSY = 16;
    private const int EOPNOTSUPP = 95;
    private const int EUCLEAN = 117;

    private static readonly Version[] Kernels = [new(6, 1), new(6, 12), new(7, 2)];

    /// <summary>Row, and for each kernel "processes|shutdown|errno": one where all are alike.</summary>
    public static TheoryData<string, string[]> Rows => new()
    {
        { "a", ["||0"] },
        { "a4", ["2||0"] },
        { "a4E", ["1,2,3||0"] },
        { "a4E untouched", ["||0"] },
        { "a4E copied", ["||0", "||0", "1||0"] },
        { "a5", ["1||0"] },
        { "d", ["||0"] },
        { "b", ["1,2||0"] },
        { "c", ["||0"] },
        { "c2", ["||0"] },
        { "c2s", [$"|down|{EAGAIN}"] },
        { "e inode chunk", [$"|down|{EUCLEAN}"] },
        { "e AG header", [$"|down|{EUCLEAN}"] },
        { "e rmapbt root", [$"|down|{EUCLEAN}"] },
        { "e bmbt block", [$"|down|{EUCLEAN}"] },
        { "g", [$"|down|{EUCLEAN}"] },
        { "k1", [$"|down|{EUCLEAN}"] },
        { "o", [$"|down|{EUCLEAN}"] },
        { "k2", [$"|down|{EBUSY}", "||0", "||0"] },
        { "k4", [$"|down|{EBUSY}", "||0", "||0"] },
        { "f", ["||0"] },
        { "j", ["||0"] },
        { "h mapped", [$"1||{EOPNOTSUPP}"] },
        { "h metadata", [$"||{EBUSY}"] },
        { "h unmapped", [$"||{EBUSY}"] },
        { "h3", [$"1||{EOPNOTSUPP}", $"|crash|{EOPNOTSUPP}", $"||{EOPNOTSUPP}"] },
        { "i", [$"||{EBUSY}"] },
        // By what was seen of each alone: files beside metadata are told before the shutdown; an error ends the walk.
        { "a file and a btree", [$"1|down|{EUCLEAN}"] },
        { "a directory and a file", [$"|down|{EBUSY}", "1||0", "1||0"] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void It_is_what_was_seen(string row, string[] wanted)
    {
        for (int i = 0; i < Kernels.Length; i++)
        {
            KernelAnswer answer = KernelReaction.Of(QuestionOf(row) with { Kernel = Kernels[i] });
            string end = answer.Crashes ? "crash" : answer.ShutsDown ? "down" : "";
            Assert.Equal(
                wanted[wanted.Length == 1 ? 0 : i],
                $"{string.Join(',', answer.Signals.Select(use => use.ProcessId))}|{end}|{answer.Errno}");
        }
    }

    /// <summary>A version between two that were seen is taken for the older one.</summary>
    [Theory]
    [InlineData("6.6", true)]
    [InlineData("6.11", true)]
    [InlineData("6.18", false)]
    [InlineData("7.0", false)]
    public void Between_two_kernels_it_is_the_older(string kernel, bool shutsDown) => Assert.Equal(
        shutsDown, KernelReaction.Of(QuestionOf("k2") with { Kernel = Version.Parse(kernel) }).ShutsDown);

    private static KernelQuestion QuestionOf(string row)
    {
        KernelMapper early = Mapper(1, MachineCheckPolicy.Early);
        KernelQuestion question = row switch
        {
            "a" => On(File(Mapper(1), Mapper(2))),
            "a4" => On(File(Mapper(1), Mapper(2, MachineCheckPolicy.Early), Mapper(3, MachineCheckPolicy.Late))),
            "a4E" => On(File(early, Mapper(2, MachineCheckPolicy.Early), Mapper(3, MachineCheckPolicy.Early))),
            "a4E untouched" => On(File(early with { Page = MappedPage.Untouched })),
            "a4E copied" => On(File(early with { Page = MappedPage.Copied })),
            "a5" => On(File(Mapper(1), Mapper(2, MachineCheckPolicy.Late))) with { IsEarlyKill = true },
            // Another page range mapped only, open and not mapped: no mapper of these bytes.
            "d" or "c" => On(File()),
            "b" => On(Shared(100, early), Shared(101, Mapper(2, MachineCheckPolicy.Early))),
            "c2" => On(File(early) with { Inode = InodeMemory.Evicted }),
            "c2s" => On(File() with { Inode = InodeMemory.EvictedDirty }),
            "e inode chunk" => On(Metadata(OwnerKind.Inodes)),
            "e AG header" => On(Metadata(OwnerKind.Filesystem)),
            "e rmapbt root" => On(Metadata(OwnerKind.Ag)),
            "e bmbt block" => On(Of(File(early), impact => impact with { BlockMap = true })),
            "g" => On(Metadata(OwnerKind.Log)),
            "k1" => On(Of(File(early), impact => impact with { Fork = ForkKind.Attribute })),
            "o" => On(Metadata(OwnerKind.CowStaging)),
            "k2" => On(Of(File(), impact => impact with { FileType = "directory" })),
            "k4" => On(Of(File(), impact => impact with { FileType = "symlink" })),
            "f" => On(Metadata(OwnerKind.Free)),
            "j" => On(Of(File(early), impact => impact with { Unwritten = true })),
            "h mapped" => On(File(early)) with { HasRmapbt = false },
            "h metadata" => On(Metadata(OwnerKind.Ag)) with { HasRmapbt = false },
            "h unmapped" => On(File()) with { HasRmapbt = false },
            "h3" => On(Shared(100, early), Shared(101, Mapper(2, MachineCheckPolicy.Early))) with { HasRmapbt = false },
            "i" => On(File(early)) with { IsMounted = false },
            "a file and a btree" => On(Metadata(OwnerKind.Ag), File(early)),
            "a directory and a file" => On(Of(File(), impact => impact with { FileType = "directory" }), File(early)),
            _ => throw new ArgumentOutOfRangeException(nameof(row), row, "no such row"),
        };
        return question;
    }

    private static KernelQuestion On(params KernelHit[] hits) => new(new(0, 0), true, true, false, hits);

    private static KernelHit File(params KernelMapper[] mappers) => new(
        Impact.On(OwnerKind.Inode, new(8192, 4096), Severity.FileData, "") with
        {
            Inode = 100, Fork = ForkKind.Data, FileType = "file", FileOffset = 0,
        }, mappers);

    private static KernelHit Shared(ulong inode, params KernelMapper[] mappers) =>
        Of(File(mappers), impact => impact with { Inode = inode, Shared = true });

    private static KernelHit Metadata(OwnerKind owner) =>
        new(Impact.On(owner, new(8192, 4096), Severity.Metadata, ""), []);

    private static KernelHit Of(KernelHit hit, Func<Impact, Impact> change) => hit with { Impact = change(hit.Impact) };

    private static KernelMapper Mapper(int process, MachineCheckPolicy policy = MachineCheckPolicy.Default) => new(
        new(process, 1, "db", 0, null, null, [new(0x1000, 4096, 0, true, false)], []), policy);
}
