// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Intake;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Core.Tests.Intake;

/// <summary>C1: what is reported while no daemon runs waits in a folder that the whole group may write to.</summary>
public sealed class SpoolFolderTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Scratch _scratch = new("spool");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Reports_are_read_in_the_order_in_which_they_were_left()
    {
        SpoolFolder spool = New();
        for (int i = 0; i < 20; i++) spool.Add(ReportOf($"key {i}"), Now.AddSeconds(i));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => $"key {i}"),
            spool.Waiting().Select(file => SpoolFolder.Read(file)!.Request.Key));
        foreach (string file in spool.Waiting()) SpoolFolder.Remove(file);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch.Folder));
    }

    [Fact]
    public void The_folder_is_bounded_also_with_many_writers_at_once()
    {
        const int max = 4096;
        SpoolFolder spool = New(max);
        int refused = 0;
        Parallel.For(0, 200, i =>
        {
            try
            {
                spool.Add(ReportOf($"key {i}"), Now);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.InRange(new DirectoryInfo(_scratch.Folder).EnumerateFiles().Sum(file => file.Length), 1, max);
        Assert.Equal(200, refused + spool.Waiting().Count);
        Assert.Empty(Directory.EnumerateFiles(_scratch.Folder, "*.part"));
    }

    [Fact]
    public void What_is_no_report_is_set_aside_with_the_reason_and_holds_nobody_up()
    {
        SpoolFolder spool = New();
        string secret = _scratch.PathOf("secret");
        File.WriteAllText(secret, "unchanged");
        File.WriteAllText(_scratch.PathOf("0.report"), "{");
        File.WriteAllText(_scratch.PathOf("1.report"), """{"key":"a","unheard_of":1}""");
        File.WriteAllText(_scratch.PathOf("2.report"), "null");
        File.CreateSymbolicLink(_scratch.PathOf("3.report"), secret);
        ProgramRun.Require("mkfifo", _scratch.PathOf("4.report"));
        File.WriteAllBytes(_scratch.PathOf("6.report"), [0, 255, 254]);
        // A second name of somebody's file, and a folder where it would be set aside to.
        string report = _scratch.PathOf("report");
        File.WriteAllText(report, """{"key":"x","source":"s","device":"/dev/x","basis":"claim","ranges":[]}""");
        ProgramRun.Require("ln", report, _scratch.PathOf("7.report"));
        File.WriteAllText(_scratch.PathOf("8.report"), "{");
        Directory.CreateDirectory(_scratch.PathOf("8.report.bad/full"));
        // Whoever writes the reason through this link writes over the file.
        File.CreateSymbolicLink(_scratch.PathOf("0.report.bad.why"), secret);
        spool.Add(ReportOf("good"), Now);
        using (FileStream huge = File.Create(_scratch.PathOf("5.report"))) huge.SetLength(1L << 40);
        List<SpooledReport> read = [.. spool.Waiting().Select(SpoolFolder.Read).OfType<SpooledReport>()];
        Assert.Equal("good", Assert.Single(read).Request.Key);
        Assert.Single(spool.Waiting());
        Assert.False(File.Exists(_scratch.PathOf("5.report.bad")));
        for (int i = 0; i < 9; i++) Assert.NotEmpty(File.ReadAllText(_scratch.PathOf($"{i}.report.bad.why")));
        Assert.Equal("unchanged", File.ReadAllText(secret));
        // What was set aside, however long, is in nobody's way.
        spool.Add(ReportOf("another"), Now);
    }

    [Fact]
    public void What_is_set_aside_is_bounded()
    {
        SpoolFolder spool = New();
        for (int i = 0; i < 250; i++) File.WriteAllText(_scratch.PathOf($"{i:D3}.report"), "{");
        foreach (string file in spool.Waiting()) Assert.Null(SpoolFolder.Read(file));
        Assert.Empty(spool.Waiting());
        Assert.Equal(100, Directory.GetFiles(_scratch.Folder, "*.bad").Length);
        Assert.True(File.Exists(_scratch.PathOf("249.report.bad")));
    }

    [Fact]
    public void What_a_dead_writer_left_is_cleared_after_a_while_and_never_read()
    {
        SpoolFolder spool = New();
        string part = _scratch.PathOf("0.part");
        File.WriteAllText(part, "{");
        spool.Sweep(DateTimeOffset.UtcNow);
        Assert.True(File.Exists(part));
        Assert.Empty(spool.Waiting());
        string odd = _scratch.PathOf("odd");
        File.WriteAllText(odd, "{");
        spool.Sweep(DateTimeOffset.UtcNow + TimeSpan.FromHours(2));
        Assert.False(File.Exists(part));
        Assert.False(File.Exists(odd));
    }

    private SpoolFolder New(long bytesMax = 1 << 20) => new(_scratch.Folder, bytesMax);

    private static ReportRequest ReportOf(string key) => new()
    {
        Key = key, Source = "test", Device = "/dev/sdx", Basis = "claim", Ranges = [new(0, 512)],
    };
}
