// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;

namespace Holdfast.Cli.Tests.Output;

/// <summary>
/// What `holdfast stack` draws of whole machines in Trees/, each seen from its disk and from what is mounted on it; and
/// ranges that go up and down every edge of their graphs.
/// </summary>
public sealed class StackTreeTests
{
    [Theory]
    [InlineData("nvme-crypt-lvm", "nvme0n1", "200G+4K", "dm-2", "190G+20G")]
    [InlineData("raid1-lvm", "sdb", "1G+4K", "dm-0", "0+4K")]
    [InlineData("raid6-degraded", "sdb", "1G+1M", "md0", "10G+4K")]
    [InlineData("raid0-unequal", "sdd", "2G+128K", "md1", "3G+256K")]
    [InlineData("multipath", "sdb", "2G+4K", "dm-2", "0+4K")]
    [InlineData("thin", "sda", "1G+4K", "dm-3", "0+4K")]
    [InlineData("integrity", "sda1", "1G+4K", "dm-1", "0+4K")]
    [InlineData("bcache", "sda", "1G+4K", "bcache0", "0+4K")]
    [InlineData("loop", "vda", "1G+4K", "loop0p1", "0+4K")]
    [InlineData("pmem", "pmem0", "2M+4K", "pmem0p1", "1M+4K")]
    [InlineData("pmem", "pmem0.1", "0+4K", "pmem1s", "0+4K")]
    public void A_machine_is_drawn(string tree, string below, string belowRange, string above, string aboveRange)
    {
        using var scratch = new Scratch("tree");
        var text = new StringBuilder();
        foreach ((string name, string range) in ((string, string)[])[(below, belowRange), (above, aboveRange)])
        {
            Assert.True(RangeText.TryParse(range, out ByteRange asked, out _));
            if (text.Length > 0) text.Append('\n');
            text.Append($"$ holdfast stack /dev/{name} --range {range}\n");
            text.Append(Draw(Load(tree, scratch, name), asked));
        }

        string drawn = text.ToString().Replace(scratch.Folder, "", StringComparison.Ordinal);
        Golden.Compare($"stack/{tree}.{below}.txt", drawn);
    }

    /// <summary>The lowest device with one place for each byte, and what stays where it was heard of.</summary>
    [Theory]
    [InlineData("nvme-crypt-lvm", "dm-2", "214748363776+2048",
        "nvme0n1p3:289928117248+1024 nvme0n1p3:307217039360+1024")]
    [InlineData("raid1-lvm", "dm-0", "1M+4K", "md127:2097152+4096")]
    [InlineData("raid6-degraded", "md0", "0+4K", "")]
    [InlineData("raid0-unequal", "md1", "64K+128K", "sdc:4194304+65536 sdd:4194304+65536")]
    [InlineData("multipath", "dm-2", "0+4K", "sda:1074790400+4096")]
    [InlineData("thin", "dm-3", "0+4K", "")]
    [InlineData("thin", "dm-1", "0+4K", "sda1:1048576+4096")]
    [InlineData("integrity", "dm-1", "0+4K", "dm-0:0+4096")]
    [InlineData("bcache", "bcache0", "0+4K", "")]
    [InlineData("pmem", "pmem0", "0+4K", "")]
    [InlineData("loop", "loop0p1", "0+4K", "")]
    public void Bytes_are_followed_to_the_lowest_device(string tree, string device, string range, string places)
    {
        using var scratch = new Scratch("tree");
        SysfsTree unpacked = Unpacked(tree, scratch);
        KernelRoots roots = RootsOf(unpacked);
        Assert.True(RangeText.TryParse(range, out ByteRange asked, out _));
        LowestPlaces lowest = LowestPlaces.Of(
            BlockDevice.Find(roots, device)!, ByteRangeSet.From([asked]), roots,
            tableOf: at => unpacked.TableOf(at.Name));
        Assert.Equal(places, string.Join(' ', lowest.Places.Select(at => $"{at.Device.Name}:{at.Below}")));
        Assert.Equal(places.Length == 0 ? asked.Length : 0, lowest.Kept.TotalLength);
        Assert.Equal(asked.Length, lowest.Kept.TotalLength + lowest.Places.Sum(at => at.Above.Length));
    }

    public static TheoryData<string> Trees =>
        [.. Directory.GetFiles(Folder(), "*.tree").Select(path => Path.GetFileNameWithoutExtension(path))];

    [Theory]
    [MemberData(nameof(Trees))]
    public void Ranges_go_up_and_down_every_edge(string tree)
    {
        using var scratch = new Scratch("tree");
        var random = new Random(5);
        int followed = 0;
        KernelRoots roots = RootsOf(Unpacked(tree, scratch));
        foreach (BlockDevice device in BlockDevice.All(roots).Where(at => at.Size > 0).ToArray())
        {
            foreach (StackNode node in Around(Load(tree, scratch, device.Name)))
            {
                for (int member = 0; member < node.Below.Count; member++)
                {
                    if (node.Below[member] is not { Size: > 0 } below || node.Layer is null) continue;
                    followed++;
                    for (int i = 0; i < 20; i++) Edge(below, node, member, random);
                }
            }
        }

        Assert.True(followed > 0);
    }

    private static void Edge(StackNode below, StackNode node, int member, Random random)
    {
        long offset = random.NextInt64(below.Size!.Value);
        var asked = ByteRangeSet.From([new(offset, random.NextInt64(1, 8 << 20))]);
        ByteRangeSet up = StackRanges.Up(below, node, asked)!;
        Assert.Empty(up.Except(ByteRangeSet.From([new(0, node.Size!.Value)])));
        ByteRangeSet down = StackRanges.Down(node, member, up)!;
        Assert.Empty(down.Except(asked));
        Assert.Equal(up, StackRanges.Up(below, node, down));
        // What is left out below is what nothing above has.
        Assert.True(StackRanges.Up(below, node, asked.Except(down))!.IsEmpty);
        Assert.Equal(up.TotalLength, down.TotalLength);
    }

    private static IEnumerable<StackNode> Around(StackNode node)
    {
        var seen = new HashSet<StackNode>();
        var waiting = new Stack<StackNode>([node]);
        while (waiting.TryPop(out StackNode? next))
        {
            if (!seen.Add(next)) continue;
            yield return next;
            foreach (StackNode other in next.Below.OfType<StackNode>().Concat(next.Above)) waiting.Push(other);
        }
    }

    private static string Draw(StackNode node, ByteRange asked)
    {
        using var text = new MemoryStream();
        using (var page = new PlainPage(text))
        {
            StackText.Write(page, new StackDrawing(node, ByteRangeSet.From([asked]), (_, _) => null));
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static StackNode Load(string tree, Scratch scratch, string device)
    {
        SysfsTree unpacked = Unpacked(tree, scratch);
        KernelRoots roots = RootsOf(unpacked);
        return DeviceGraph.Of(BlockDevice.Find(roots, device)!, roots, at => unpacked.TableOf(at.Name));
    }

    private static SysfsTree Unpacked(string tree, Scratch scratch) =>
        SysfsTree.Unpack(Path.Combine(Folder(), tree + ".tree"), scratch);

    private static KernelRoots RootsOf(SysfsTree tree) =>
        new(Path.Combine(tree.Folder, "proc"), Path.Combine(tree.Folder, "sys"), Path.Combine(tree.Folder, "dev"));

    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "Trees");
}
