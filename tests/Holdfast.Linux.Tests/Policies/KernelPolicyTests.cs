// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Policies;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Policies;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>
/// "kernel" as every policy. The processes are real and have asked by prctl(2) to be told early; what it would do is
/// carried out within the bounds of everything that acts.
/// </summary>
public sealed class KernelPolicyTests : OnceConformance, IDisposable
{
    private static readonly Mount Somewhere = new(new(7, 0), "/", "/srv", "xfs", "rw");

    private readonly HolderEffects _early = new(AskEarly);
    private readonly CountedNotices _asked = new();
    private readonly List<Mount> _shutDown = [];
    private bool _isUnreadable;

    public KernelPolicyTests() => Policy = new KernelPolicy(
        new() { Enabled = true }, KernelRoots.Real, (notice, _) => Find(notice), _ => null, _shutDown.Add);

    /// <summary>PR_MCE_KILL is kept over exec: the flags are the task's.</summary>
    private static string[] AskEarly { get; } = Asking(1);

    protected override IPolicy Policy { get; }

    protected override Rule Rule { get; } = new() { Name = "as linux", When = new(), Policy = "kernel", Acts = true };

    protected override bool IsIndivisible => true;

    protected override IReadOnlyList<Rule> BrokenRules => [];

    protected override IReadOnlyList<Action> Obstacles => [() => _isUnreadable = true];

    public void Dispose() => _early.Dispose();

    /// <summary>With the defaults every process that maps the lost page hears nothing.</summary>
    [Fact]
    public async Task Who_asked_for_nothing_or_for_late_is_left_alone()
    {
        using var defaults = new HolderEffects();
        using var late = new HolderEffects(Asking(0));
        PolicyOutcome outcome = await ApplyAsync(
            new() { Enabled = true }, FileOf(defaults.UseOf(1), late.UseOf(1)));
        Assert.Equal(new(DeliveryState.Ignored, "Linux would do nothing"), outcome);
        outcome = await ApplyAsync(new() { Enabled = true }, FileOf(defaults.UseOf(1), _early.UseOf(1), late.UseOf(1)));
        Assert.Equal(new(DeliveryState.Done, $"SIGBUS to {_early.Of(1).Id} python3"), outcome);
        Assert.Equal(_early.EffectOf(1), Assert.Single(_early.Seen(1)));
        Assert.Empty(defaults.Seen(0));
        Assert.Empty(late.Seen(0));
    }

    /// <summary>Nothing of the file is in the process's memory there: there is no page to lose.</summary>
    [Fact]
    public async Task Who_never_touched_the_place_is_left_alone()
    {
        using var scratch = new Scratch("untouched");
        string file = scratch.PathOf("file");
        File.WriteAllBytes(file, new byte[8192]);
        using FileHolder holder = FileHolder.Start(file, map: "0,1", before: AskEarly);
        Assert.Equal(
            new(DeliveryState.Ignored, "Linux would do nothing"),
            await ApplyAsync(new() { Enabled = true }, FileOf(HolderEffects.UseOf(holder))));
        Assert.False(holder.NextLine.IsCompleted);
    }

    [Fact]
    public async Task Lost_metadata_shuts_the_filesystem_down()
    {
        PolicyOutcome outcome = await ApplyAsync(new() { Enabled = true }, Btree);
        Assert.Equal(new(DeliveryState.Done, "/srv shut down; it would answer EUCLEAN"), outcome);
        Assert.Equal(Somewhere, Assert.Single(_shutDown));
    }

    [Fact]
    public async Task Nothing_is_shut_down_that_we_rest_on_and_nobody_signalled_then()
    {
        PolicyOutcome outcome = await ApplyAsync(
            new() { Enabled = true }, FileOf(_early.UseOf(1)) with { Impacts = [Btree.Impacts[0], .. FileOf(
                _early.UseOf(1)).Impacts] }, own: "the ledger");
        Assert.Equal(
            new(DeliveryState.Dead, "Linux would shut /srv down, and the ledger lies there: left to a person"),
            outcome);
        Assert.Empty(_shutDown);
        Assert.Empty(_early.Seen(0));
    }

    [Fact]
    public async Task A_dry_run_says_what_linux_would_do_and_does_none_of_it()
    {
        LostContent both = FileOf(_early.UseOf(1)) with { Impacts = [Btree.Impacts[0], .. FileOf(
            _early.UseOf(1)).Impacts] };
        PolicyRequest request = PolicyRequests.Ordinary(Rule);
        foreach ((LostContent found, string? own, string text) in ((LostContent, string?, string)[])[
            (FileOf(_early.UseOf(1)), null, $"SIGBUS to {_early.Of(1).Id} python3"),
            (Btree, null, "/srv shut down; it would answer EUCLEAN"),
            (both, "the ledger", "Linux would shut /srv down, and the ledger lies there: left to a person"),
            (FileOf(), null, "Linux would do nothing")])
        {
            Assert.Equal(text, await PolicyOf(new() { Enabled = true }, found, own).RehearseAsync(request, default));
        }

        Assert.Empty(_shutDown);
        Assert.Empty(_early.Seen(0));
    }

    [Fact]
    public async Task More_processes_than_a_machine_should_decide_about_are_left_to_a_person()
    {
        PolicyOutcome outcome = await ApplyAsync(
            new() { Enabled = true, ProcessesMax = 1 },
            FileOf(_early.UseOf(1), _early.UseOf(2)) with { Impacts = [.. FileOf(
                _early.UseOf(1), _early.UseOf(2)).Impacts, Btree.Impacts[0]] });
        Assert.Equal(DeliveryState.Dead, outcome.State);
        Assert.StartsWith(
            "2 processes have it, more than acting.max_processes (1)", outcome.Detail, StringComparison.Ordinal);
        Assert.Empty(_shutDown);
        Assert.Empty(_early.Seen(0));
    }

    [Fact]
    public async Task Acting_must_be_turned_on_and_what_is_hit_confirmed()
    {
        Assert.Equal(
            new(DeliveryState.Dead, "acting is not turned on (acting.enabled)"), await ApplyAsync(new(), Btree));
        PolicyRequest request = PolicyRequests.Ordinary(Rule);
        PolicyOutcome outcome = await PolicyOf(new() { Enabled = true }, Btree, null).ApplyAsync(
            request with { Notices = [request.Notices[0] with { Medium = MediumState.Suspect }] }, default);
        Assert.Equal(
            new(DeliveryState.Ignored, "Linux would do nothing; what is not confirmed is left alone"), outcome);
        Assert.Empty(_shutDown);
    }

    /// <summary>A real one; after it the kernel answers nothing.</summary>
    [RootFact]
    public async Task A_mounted_filesystem_is_really_shut_down()
    {
        using var scratch = new Scratch("shutdown");
        using LoopMount mount = LoopMount.Writable(
            XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        Mount found = Mount.At(mount.Point, KernelRoots.Real)!;
        var policy = new KernelPolicy(
            new() { Enabled = true }, KernelRoots.Real, (_, _) => Task.FromResult(Btree with { Mount = found }),
            _ => null, FilesystemShutdown.ShutDown);
        Assert.Equal(
            new(DeliveryState.Done, $"{mount.Point} shut down; it would answer EUCLEAN"),
            await policy.ApplyAsync(PolicyRequests.Ordinary(Rule), default));
        Assert.True(MountedXfs.HasShutDown(found));
    }

    protected override PolicyEffect EffectOf(PolicyRequest request) => _early.EffectOf(request.Notices[0].Number);

    protected override IReadOnlyList<PolicyEffect> Effects() => _early.Seen(_asked.Count);

    private static LostContent Btree { get; } = new(
        Somewhere, true, [Impact.On(OwnerKind.Ag, new(4096, 4096), Severity.Metadata, "")], null);

    private static string[] Asking(int how) =>
    [
        "python3", "-c", "import ctypes, os, sys; assert ctypes.CDLL(None).prctl(33, 1, " + how + ", 0, 0) == 0; "
            + "os.execvp(sys.argv[1], sys.argv[1:])",
    ];

    private static LostContent FileOf(params ProcessUse[] users) => new(
        Somewhere, true, [Impact.On(OwnerKind.Inode, new(8192, 4096), Severity.FileData, "") with
        {
            Inode = 100, Fork = ForkKind.Data, FileType = "file", FileOffset = 0, Processes = users,
        }], null);

    private Task<PolicyOutcome> ApplyAsync(ActingLimits limits, LostContent found, string? own = null) =>
        PolicyOf(limits, found, own).ApplyAsync(PolicyRequests.Ordinary(Rule), default);

    private KernelPolicy PolicyOf(ActingLimits limits, LostContent found, string? own) => new(
        limits, KernelRoots.Real, (_, _) => Task.FromResult(found), _ => own, _shutDown.Add);

    private Task<LostContent> Find(Notice notice)
    {
        if (_isUnreadable) throw new IOException("the kernel does not answer");
        if (notice.Number is < 1 or > AtOnce) return Task.FromResult(new LostContent(null, false, [], null));
        _asked.Add(notice);
        return Task.FromResult(FileOf(_early.UseOf(notice.Number)));
    }
}
