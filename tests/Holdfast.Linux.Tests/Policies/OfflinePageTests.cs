// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Policies;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Policies;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>
/// "offline-page" as every policy, on a kernel of the test's own: what it writes to hard_offline_page is kept there, a
/// line each. Of the namespace's 16 MiB at 0x240000000 the first 4 MiB are a map of its pages.
/// </summary>
public sealed class OfflinePageTests : OnceConformance, IDisposable
{
    private const long Start = 0x240400000;
    private const long Size = 12 << 20;
    private readonly Scratch _scratch = new("offline");
    private readonly KernelRoots _roots;

    public OfflinePageTests()
    {
        _roots = new(_scratch.PathOf("proc"), _scratch.PathOf("sys"), "/dev");
        Device("pmem0", "259:0", "region0/pfn0.1", $"0x{Start:x}");
        Directory.CreateDirectory(Path.Combine(_roots.Sys, "devices/system/memory"));
        Directory.CreateDirectory(_roots.Proc);
        File.WriteAllText(HardOffline, "");
        Policy = PolicyOf(new() { Enabled = true });
    }

    protected override IPolicy Policy { get; }

    protected override Rule Rule { get; } = new()
    {
        Name = "offline", When = new(), Policy = "offline-page", Acts = true,
    };

    protected override bool IsIndivisible => true;

    protected override IReadOnlyList<Rule> BrokenRules => [];

    protected override IReadOnlyList<Action> Obstacles => [() => File.Delete(HardOffline)];

    private string HardOffline => Path.Combine(_roots.Sys, "devices/system/memory/hard_offline_page");

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(0, 512, "0x240400000")]
    [InlineData(4095, 2, "0x240400000 0x240401000")]
    [InlineData(8192, 4096, "0x240402000")]
    [InlineData(Size - 1, 4096, "0x240fff000")]
    public async Task Each_page_of_the_range_is_told_once(long offset, long length, string pages)
    {
        // Two notices of the same bytes, as two sources tell of them.
        Notice notice = NoticeOf(offset, length);
        PolicyOutcome outcome = await ApplyAsync(Policy, notice, notice with { Number = 2 });
        Assert.Equal(
            new(DeliveryState.Done, "told the kernel of " + pages.Replace(" ", ", ", StringComparison.Ordinal)),
            outcome);
        Assert.Equal(pages.Split(' '), Told);
    }

    [Fact]
    public async Task What_is_offline_already_is_not_told_again()
    {
        byte[] poisoned = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(poisoned, 1UL << 19);
        using (FileStream flags = File.Create(Path.Combine(_roots.Proc, "kpageflags")))
        {
            flags.Position = Start / 4096 * sizeof(ulong);
            flags.Write(poisoned);
        }

        Assert.Equal(
            new(DeliveryState.Done, "told the kernel of 0x240401000; not of 0x240400000 (offline already)"),
            await ApplyAsync(Policy, NoticeOf(0, 8192)));
        Assert.Equal(["0x240401000"], Told);
    }

    [Fact]
    public async Task A_dry_run_names_the_pages_and_tells_the_kernel_nothing()
    {
        PolicyRequest request = PolicyRequests.Ordinary(Rule) with { Notices = [NoticeOf(4095, 2)] };
        Assert.Equal("0x240400000, 0x240401000", await Policy.RehearseAsync(request, default));
        Assert.Equal(
            "more pages than acting.max_pages (1) are bad: none is taken offline",
            await PolicyOf(new() { Enabled = true, PagesMax = 1 }).RehearseAsync(request, default));
        Assert.Empty(Told);
    }

    [Fact]
    public async Task More_pages_than_a_machine_should_decide_about_are_left_to_a_person()
    {
        OfflinePagePolicy few = PolicyOf(new() { Enabled = true, PagesMax = 2 });
        PolicyOutcome outcome = await ApplyAsync(few, NoticeOf(0, 3 * 4096));
        Assert.Equal(
            new(DeliveryState.Dead, "more pages than acting.max_pages (2) are bad: none is taken offline"), outcome);
        outcome = await ApplyAsync(few, NoticeOf(0, long.MaxValue));
        Assert.Equal(DeliveryState.Dead, outcome.State);
        Assert.Empty(Told);
    }

    [Fact]
    public async Task Acting_must_be_turned_on_and_what_is_hit_confirmed()
    {
        Assert.Equal(
            new(DeliveryState.Dead, "acting is not turned on (acting.enabled)"),
            await ApplyAsync(PolicyOf(new()), NoticeOf(0, 512)));
        Assert.Equal(
            new(DeliveryState.Ignored, "no page to take offline; what is not confirmed is left alone"),
            await ApplyAsync(Policy, NoticeOf(0, 512) with { Medium = MediumState.Suspect }));
        Assert.Empty(Told);
    }

    [Theory]
    [InlineData("/dev/sda", "sda is no persistent memory")]
    [InlineData("/images/pmem0", "/images/pmem0 is no persistent memory")]
    [InlineData("/dev/pmem1s", "pmem1s is in sector mode: its sectors have no place of their own in memory")]
    [InlineData("/dev/pmem2", "where pmem2 lies in memory is not told")]
    [InlineData(null, "the device is not there now")]
    public async Task What_is_no_persistent_memory_is_said_to_be_none(string? node, string why)
    {
        Device("sda", "8:0", "0:0:0:0", "");
        Device("pmem1s", "259:1", "region1/btt1.0", "0x240000000");
        Device("pmem2", "259:2", "region2/namespace2.0", "0x0");
        Assert.Equal(
            new(DeliveryState.Ignored, $"no page to take offline; {why}"),
            await ApplyAsync(PolicyOf(new() { Enabled = true }, node), NoticeOf(0, 512)));
        Assert.Empty(Told);
    }

    [Fact]
    public void A_partition_lies_where_it_begins()
    {
        string disk = Path.Combine(_roots.Sys, "devices/LNXSYSTM/region0/pfn0.1/block/pmem0");
        string part = Path.Combine(disk, "pmem0p1");
        Directory.CreateDirectory(part);
        foreach ((string name, string text) in (IEnumerable<(string, string)>)[
            ("dev", "259:5"), ("partition", "1"), ("start", "2048"), ("size", "4096")])
        {
            File.WriteAllText(Path.Combine(part, name), text + "\n");
        }

        Directory.CreateSymbolicLink(Path.Combine(_roots.Sys, "class/block/pmem0p1"), part);
        Assert.Equal(
            new ByteRange(Start + (1 << 20), 2 << 20), PmemNamespaces.Find(_roots, "pmem0p1", out _));
    }

    protected override PolicyEffect EffectOf(PolicyRequest request) =>
        new($"0x{Start + (request.Notices[0].Range.Offset & ~4095L):x}", "");

    protected override IReadOnlyList<PolicyEffect> Effects() => [.. Told.Select(line => new PolicyEffect(line, ""))];

    private string[] Told => File.Exists(HardOffline) ? File.ReadAllLines(HardOffline) : [];

    private OfflinePagePolicy PolicyOf(ActingLimits limits, string? node = "/dev/pmem0") =>
        new(limits, _roots, (_, _) => Task.FromResult(node));

    private Task<PolicyOutcome> ApplyAsync(IPolicy policy, params Notice[] notices) =>
        policy.ApplyAsync(PolicyRequests.Ordinary(Rule) with { Notices = notices }, default);

    private Notice NoticeOf(long offset, long length) =>
        PolicyRequests.Ordinary(Rule).Notices[0] with { Range = new(offset, length) };

    /// <summary>A disk on a device of a bus, as sysfs links them.</summary>
    private void Device(string name, string number, string bus, string resource)
    {
        string parent = Path.Combine(_roots.Sys, "devices/LNXSYSTM", bus);
        string disk = Path.Combine(parent, "block", name);
        Directory.CreateDirectory(disk);
        Directory.CreateDirectory(Path.Combine(_roots.Sys, "class/block"));
        File.WriteAllText(Path.Combine(parent, "resource"), resource + "\n");
        File.WriteAllText(Path.Combine(parent, "size"), $"{Size}\n");
        if (!bus.Contains("namespace")) File.WriteAllText(Path.Combine(parent, "namespace"), "namespace0.0\n");
        File.WriteAllText(Path.Combine(disk, "dev"), number + "\n");
        File.WriteAllText(Path.Combine(disk, "size"), $"{Size / 512}\n");
        Directory.CreateSymbolicLink(Path.Combine(disk, "device"), parent);
        Directory.CreateSymbolicLink(Path.Combine(_roots.Sys, "class/block", name), disk);
    }
}
