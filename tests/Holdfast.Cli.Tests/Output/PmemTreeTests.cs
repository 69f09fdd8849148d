// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;

namespace Holdfast.Cli.Tests.Output;

/// <summary>Persistent memory by physical address, in the tree of a machine that has some.</summary>
public sealed class PmemTreeTests : IDisposable
{
    private const long Fsdax = 0x250200000;
    private const long Raw = 0x640000000;
    private readonly Scratch _scratch = new("pmem");
    private readonly SysfsTree _tree;

    public PmemTreeTests() => _tree = SysfsTree.Unpack(Path.Combine(Folder(), "pmem.tree"), _scratch);

    private KernelRoots Roots => new(_scratch.PathOf("proc"), _scratch.PathOf("sys"), _scratch.PathOf("dev"));

    [Fact]
    public void An_address_is_a_byte_of_the_namespace_that_has_it()
    {
        // What the kernel keeps before the data is nobody's; where one namespace ends the next one begins.
        var physical = ByteRangeSet.From([ByteRange.FromTo(Fsdax - 4096, Fsdax + 8192), new(Raw - 100, 612)]);
        PmemPlace[] places = [.. PmemPlace.At(physical, Roots).OrderBy(at => at.Physical)];
        Assert.Equal(
            [
                ("pmem0", new(0, 8192), new(Fsdax, 8192)), ("pmem0", new(Raw - Fsdax - 100, 100), new(Raw - 100, 100)),
                ("pmem0.1", new(0, 512), new ByteRange(Raw, 512)),
            ],
            places.Select(at => (at.Device.Name, at.Bytes, at.Physical)));
        foreach (PmemPlace place in places) Assert.Equal(place, PmemPlace.Of(place.Device, place.Bytes));
        // Sector mode has no lasting places.
        Assert.Empty(PmemPlace.At(ByteRangeSet.From([new(0xa40000000, 1L << 33)]), Roots));
    }

    [Fact]
    public void A_namespace_goes_by_its_uuid()
    {
        BlockDevice device = BlockDevice.Find(Roots, "pmem0")!;
        Assert.Equal("pmem:c31b7f0a-2d1e-4a53-8e8c-1f9b0f7a6d01", DeviceIdentities.Of(device, Roots).Identity);
        Assert.Equal(
            "pmem:c31b7f0a-2d1e-4a53-8e8c-1f9b0f7a6d01-part1",
            DeviceIdentities.Of(BlockDevice.Find(Roots, "pmem0p1")!, Roots).Identity);
    }

    /// <summary>As for everybody but root; or nonsense.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("0xffffffffffffffff")]
    [InlineData("0x10")]
    [InlineData("17")]
    public void An_address_that_makes_no_sense_is_not_followed(string text)
    {
        string devices = _scratch.PathOf("sys/devices");
        string resource = Directory.GetFiles(devices, "resource", SearchOption.AllDirectories)
            .Single(path => path.EndsWith("region0/pfn0.1/resource", StringComparison.Ordinal));
        File.WriteAllText(resource, text + "\n");
        StackNode node = DeviceGraph.Of(BlockDevice.Find(Roots, "pmem0")!, Roots, at => _tree.TableOf(at.Name));
        Assert.Null(node.Layer);
        Assert.Contains("only root", node.Opaque, StringComparison.Ordinal);
        Assert.Equal("namespace0.0", Assert.Single(node.Below)!.Name);
    }

    public void Dispose() => _scratch.Dispose();

    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "Trees");
}
