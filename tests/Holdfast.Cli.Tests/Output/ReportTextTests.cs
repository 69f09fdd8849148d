// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Cli.Output;

namespace Holdfast.Cli.Tests.Output;

public sealed class ReportTextTests
{
    [Fact]
    public void A_pipe_gets_plain_lines() => Golden.Compare("everything.plain.txt", Plain(Samples.Everything));

    [Fact]
    public void A_terminal_of_80_columns_gets_wrapped_and_coloured_lines() =>
        Golden.Compare("everything.80.txt", Terminal(Samples.Everything, hasColor: true));

    [Fact]
    public void A_report_of_nothing_says_so() => Golden.Compare("nothing.plain.txt", Plain(Samples.Nothing));

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        foreach (string line in Terminal(Samples.Everything, hasColor: false).Split('\n'))
        {
            Assert.True(line.Length <= 80, line);
        }
    }

    [Fact]
    public void Without_colour_there_is_no_escape_sequence() =>
        Assert.DoesNotContain('\x1b', Terminal(Samples.Everything, hasColor: false));

    [Fact]
    public void A_name_cannot_talk_to_the_terminal()
    {
        string text = Plain(Samples.Everything);
        Assert.Contains(@"caf\xe9/\x1b[31mred\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', text);
    }

    [Fact]
    public void A_hundred_thousand_files_are_summed_up_and_cut_off()
    {
        string text = Plain(Samples.Many(100_000));
        Assert.Contains("100,000 files are damaged, 390.6 MiB lost.", text, StringComparison.Ordinal);
        Assert.Contains("… and 99,950 more; --print lists all", text, StringComparison.Ordinal);
        Assert.Equal(50, text.Split('\n').Count(l => l.Contains("many/file-", StringComparison.Ordinal)));
    }

    private static string Plain(LocateReport report)
    {
        using var stream = new MemoryStream();
        using (var page = new PlainPage(stream)) ReportText.Write(page, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Terminal(LocateReport report, bool hasColor)
    {
        using var stream = new MemoryStream();
        using (var page = new TerminalPage(stream, 80, hasColor)) ReportText.Write(page, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
