// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Inodes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Recovery;

namespace Holdfast.Xfs.Tests.Finishing.Inodes;

/// <summary>
/// Goal: a list of unlinked inodes that cannot be followed costs the inodes behind the bad place, no other list, and
/// ends whatever it says.
/// Method: lists as a crash left them, one of them spoilt over the overlay.
/// </summary>
public sealed class BadUnlinkedListTests
{
    private const int Bucket = 7;

    [RootFact(Needs.MountedXfs | Needs.NewerXfsprogs)]
    public void A_spoilt_list_is_emptied_and_the_others_are_freed()
    {
        using var held = new HeldInodes("-d agcount=2 -m rmapbt=1", 300, isFragmented: false);
        string image = held.Copy("ours.img");
        Try(held, image, (first, _) => first.NextUnlinked = first.NextUnlinked + 1, freed: 1);
        Try(held, image, (first, _) => first.NextUnlinked = uint.MaxValue - 1, freed: 1);
        Try(held, image, (first, _) => first.NextUnlinked = (uint)first.Number.Value, freed: 1);
        Try(held, image, (first, second) => second.NextUnlinked = (uint)first.Number.Value, freed: 2);
        Try(held, image, (_, second) => second.Mode = 0, freed: 1);
        Try(held, image, (first, _) => first.Links = 3, freed: 0);
        Try(held, image, (first, _) => first.SetFormat(ForkKind.Data, ForkFormat.Btree), freed: 0);
    }

    private static void Try(HeldInodes held, string image, Action<InodeEditor, InodeEditor> spoil, int freed)
    {
        using var replayed = new RecoveredImage(new(image), finish: false);
        var context = new FinishContext(new VolumeEditor(replayed.Volume, replayed.Log.Overlay));
        uint[] list = [.. List(context, Bucket)];
        Assert.True(list.Length > 2);
        spoil(Open(context, list[0]), Open(context, list[1]));
        context.Editor.Commit();
        var freeing = new UnlinkedFreeing(context);
        freeing.Run(CancellationToken.None);
        Fault fault = Assert.Single(freeing.Faults);
        Assert.Contains("inode", fault.ToString(), StringComparison.Ordinal);
        Assert.Equal(held.Inodes.Count - list.Length + freed, freeing.Freed);
        var header = new InodeHeader(context.Editor, 0);
        for (int bucket = 0; bucket < AgInodeHeader.UnlinkedBuckets; bucket++)
        {
            Assert.Equal(AgInodeHeader.NullInode, header.Unlinked(bucket));
        }
    }

    private static InodeEditor Open(FinishContext context, uint agInode) =>
        context.Forks.Open(context.Geometry.InodeOf(0, agInode));

    private static IEnumerable<uint> List(FinishContext context, int bucket)
    {
        uint next = new InodeHeader(context.Editor, 0).Unlinked(bucket);
        while (next != AgInodeHeader.NullInode)
        {
            yield return next;
            next = Open(context, next).NextUnlinked;
        }
    }
}
