// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Programs;

/// <summary>
/// One set of xfsprogs: the system's own, or the newer one that <c>tests/provision</c> puts beside it for the features
/// the system's mkfs does not know.
/// </summary>
public sealed class XfsPrograms
{
    private readonly string _folder;

    private XfsPrograms(string folder) => _folder = folder;

    /// <summary>Whatever the PATH has.</summary>
    public static XfsPrograms System { get; } = new(string.Empty);

    /// <summary>The newer set. <see cref="IsThere"/> tells whether it was provisioned.</summary>
    public static XfsPrograms Newer { get; } = new(Path.Combine(NewerHome, "bin"));

    public bool IsThere => _folder.Length == 0 ? Requirement.HasProgram("mkfs.xfs") : File.Exists(Program("mkfs.xfs"));

    private static string NewerHome =>
        Environment.GetEnvironmentVariable("HOLDFAST_XFSPROGS") ?? Checkout.PathOf(".cache", "xfsprogs-7");

    /// <summary>Makes a filesystem on an image file that exists and has its full length.</summary>
    public void MakeFilesystem(string image, params ReadOnlySpan<string> arguments) =>
        ProgramRun.Require(Program("mkfs.xfs"), [.. arguments, "-q", "-f", image]);

    /// <summary>Runs xfs_db commands read-only and returns what it printed.</summary>
    public string Inspect(string image, params ReadOnlySpan<string> commands)
    {
        var arguments = new List<string> { "-r", "-f" };
        foreach (string command in commands) arguments.AddRange(["-c", command]);
        return ProgramRun.Require(Program("xfs_db"), [.. arguments, image]).Text;
    }

    /// <summary>Checks without writing. Exit status 0 means that nothing is wrong.</summary>
    public ProgramRun Check(string image) => ProgramRun.Start(Program("xfs_repair"), null, "-n", "-f", image);

    public string Program(string name) => _folder.Length == 0 ? name : Path.Combine(_folder, name);
}
