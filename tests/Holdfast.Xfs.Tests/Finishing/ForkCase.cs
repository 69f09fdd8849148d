// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// One clean filesystem, changed once by the kernel and once by us on an overlay that is then written into a copy: what
/// the kernel says of both must be the same.
/// </summary>
internal sealed class ForkCase : IDisposable
{
    private readonly Scratch _scratch = new("forks");
    private readonly string _image;
    private readonly Dictionary<string, ulong> _inodes = [];

    /// <param name="arguments">For mkfs.xfs.</param>
    /// <param name="prepare">Fills the mounted filesystem.</param>
    /// <param name="files">Whose inode numbers will be asked for.</param>
    public ForkCase(string arguments, Action<Tree> prepare, params string[] files)
    {
        _image = _scratch.SparseFile("data.img", 512L << 20);
        XfsPrograms.Newer.MakeFilesystem(_image, arguments.Split(' '));
        using LoopMount mount = LoopMount.Writable(new(_image), _scratch);
        using (var tree = new Tree(mount.Point))
        {
            prepare(tree);
            tree.Sync();
        }

        foreach (string file in files)
        {
            string number = ProgramRun.Require("stat", "-c", "%i", Path.Combine(mount.Point, file)).Text.Trim();
            _inodes[file] = ulong.Parse(number);
        }
    }

    public InodeNumber InodeOf(string file) => new(_inodes[file]);

    /// <summary>What the kernel says after the change that it made.</summary>
    public KernelAnswers ByKernel(Action<LoopMount> change)
    {
        string copy = Copy("kernel.img");
        using (LoopMount mount = LoopMount.Writable(new(copy), _scratch)) change(mount);
        return Ask(copy);
    }

    /// <summary>What the kernel says after the change that we made.</summary>
    public KernelAnswers ByUs(Action<FinishContext> change)
    {
        string copy = Copy("ours.img");
        using (var edited = new EditedImage(copy))
        {
            var context = new FinishContext(edited.Editor);
            change(context);
            edited.WriteTo(copy);
        }

        ProgramRun check = XfsPrograms.Newer.Check(copy);
        string[] wrong = [.. Complaints(check)];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong.Take(20)));
        return Ask(copy);
    }

    /// <summary>What xfs_repair finds wrong.</summary>
    public static IEnumerable<string> Complaints(ProgramRun check) =>
        (check.Text + check.Errors).Split('\n').Where(IsComplaint);

    public void Dispose() => _scratch.Dispose();

    /// <summary>The superblock's counters are nobody's business after recovery: a mount counts anew.</summary>
    private static bool IsComplaint(string line) =>
        line.Length > 0 && !line.StartsWith("Phase", StringComparison.Ordinal)
        && !line.StartsWith("        -", StringComparison.Ordinal)
        && !line.StartsWith("sb_fdblocks", StringComparison.Ordinal)
        && !line.StartsWith("No modify flag", StringComparison.Ordinal)
        && !line.Contains("host filesystem", StringComparison.Ordinal)
        && !line.Contains("sector size mismatch", StringComparison.Ordinal);

    private string Copy(string name)
    {
        string copy = _scratch.PathOf(name);
        ProgramRun.Require("cp", "--sparse=always", _image, copy);
        return copy;
    }

    private KernelAnswers Ask(string image)
    {
        using LoopMount mount = LoopMount.ReadOnly(new(image), _scratch);
        return KernelAnswers.Ask(mount.Point, mount.RoleOf);
    }
}
