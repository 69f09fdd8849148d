// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Daemon.Filesystems;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests;

/// <summary>
/// What can be asked within the ledger's commit: only what is mounted now and has a reverse map, and never another
/// filesystem in its place. The mounts are real, and change under one and the same resolver.
/// </summary>
[Collection(Running.KernelEvents.Alone)]
public sealed class MountedQuestionsTests
{
    private const int FileLength = 1 << 20;

    [RootFact]
    public async Task It_is_asked_at_once_while_it_is_mounted_wherever_that_is()
    {
        using var scratch = new Scratch("at-once");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        IRangeResolver asked;
        ByteRange lost;
        string first;
        using (LoopMount mount = LoopMount.Writable(images, scratch))
        {
            first = mount.DataDevice.Path;
            lost = new(WrittenFile.Create(mount.Point, "folder/file", FileLength).Offset, 4096);
            asked = await OpenAsync(images, UuidOf(mount));
            ResolvedRange answer = (await AskAsync(asked, lost))!;
            Assert.True(answer.IsComplete);
            Assert.Contains("\"folder/file\"", Encoding.UTF8.GetString(answer.Impacts.Span), StringComparison.Ordinal);
            ResolvedRange usual = (await asked.ResolveAsync(1, [lost], ByteRangeSet.Empty, default))[0];
            Assert.Equal(usual.Impacts.ToArray(), answer.Impacts.ToArray());
        }

        Assert.Null(await AskAsync(asked, lost));
        using LoopDevice? other = LoopDevice.Occupy(first, scratch.SparseFile("other.img", 1 << 20));
        using LoopMount again = LoopMount.Writable(images, scratch);
        Assert.NotEqual(first, again.DataDevice.Path);
        Assert.True((await AskAsync(asked, lost))!.IsComplete);
        await asked.DisposeAsync();
    }

    [RootFact]
    public async Task Another_filesystem_in_its_place_is_not_taken_for_it()
    {
        using var scratch = new Scratch("other");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        await using IRangeResolver asked = await OpenAsync(images, Guid.NewGuid());
        foreach (Func<Task> ask in (Func<Task>[])[
            () => AskAsync(asked, new(0, 512)),
            () => asked.ResolveAsync(1, [new(0, 512)], ByteRangeSet.Empty, default)])
        {
            IOException refused = await Assert.ThrowsAsync<IOException>(ask);
            Assert.Equal($"another filesystem is mounted at {mount.Point}", refused.Message);
        }
    }

    /// <summary>To put a map together is no matter of a moment.</summary>
    [RootFact]
    public async Task Without_a_reverse_map_it_is_asked_the_other_way()
    {
        using var scratch = new Scratch("unmapped");
        ImageSet images = XfsGeometry.Named("no-rmapbt").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        await using IRangeResolver asked = await OpenAsync(images, UuidOf(mount));
        Assert.Null(await AskAsync(asked, new(0, 512)));
        Assert.Single(await asked.ResolveAsync(1, [new(0, 512)], ByteRangeSet.Empty, default));
    }

    private static async Task<ResolvedRange?> AskAsync(IRangeResolver asked, ByteRange range) =>
        (await asked.ResolveAtOnceAsync(1, [range], default))?[0];

    private static Guid UuidOf(LoopMount mount)
    {
        using MountedXfs xfs = MountedXfs.Open(Mount.At(mount.Point, KernelRoots.Real)!);
        return xfs.Geometry.Uuid;
    }

    private static async Task<IRangeResolver> OpenAsync(ImageSet images, Guid uuid)
    {
        var holder = new Holder
        {
            Name = "h", Epoch = 1, State = HolderState.Live, Instance = 1,
            Ranges = [new(1, DeviceRole.Data, new(0, new FileInfo(images.Data).Length))],
            Filesystem = new("xfs", uuid.ToString(), null),
            Decisions = new Dictionary<HolderState, HolderDecision>(),
            Lease = TimeSpan.FromMinutes(1), LeaseEnds = DateTimeOffset.MaxValue,
        };
        var resolvers = new XfsResolvers((_, _) => Task.FromResult<string?>(images.Data));
        return (await resolvers.OpenAsync(RecoveredHolder.From(holder)!, default))!;
    }
}
