// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>What a terminal gets, by script(1), which gives the command one.</summary>
public sealed class TerminalTests(SampleImage sample) : IClassFixture<SampleImage>
{
    private const string Locate = "locate rescued.img --mapfile rescue.map";

    [Fact]
    public void A_terminal_gets_colours() =>
        Assert.Contains("\x1b[1;91m", OnTerminal("TERM=xterm"), StringComparison.Ordinal);

    [Theory]
    [InlineData("TERM=xterm NO_COLOR=1")]
    [InlineData("TERM=dumb")]
    public void Who_wants_none_gets_none(string environment) =>
        Assert.DoesNotContain("\x1b[", OnTerminal(environment), StringComparison.Ordinal);

    [Fact]
    public void A_pipe_gets_none()
    {
        string text = Command.Shell(sample.Folder, $"TERM=xterm holdfast {Locate} | cat").Text;
        Assert.Contains("thesis", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\x1b", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_fit_the_terminal()
    {
        string text = OnTerminal("TERM=dumb");
        Assert.Contains("thesis", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd('\r').Length <= 72, line));
    }

    private string OnTerminal(string environment)
    {
        // Without stderr, where a slow machine shows a progress bar.
        string command = $"stty cols 72; {environment} {Command.Script} {Locate} 2> errors";
        return Command.Shell(sample.Folder, $"script -qc '{command}' /dev/null < /dev/null").Text;
    }
}
