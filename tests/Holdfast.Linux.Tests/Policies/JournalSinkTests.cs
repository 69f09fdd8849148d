// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Policies;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>The journal's native protocol, as a journal would read it.</summary>
public sealed class JournalSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("journal").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string SocketPath => Path.Combine(_folder, "socket");

    /// <summary>No content passes for another field: each has its length.</summary>
    [Fact]
    public void Fields_arrive_as_they_were_given()
    {
        using JournalDouble journal = Listen();
        Sink().Write(3, "a line\nPRIORITY=0", [new("HOLDFAST_FAILURE", "id"), new("HOLDFAST_PATH", "a\nMESSAGE=x\n")]);
        Assert.Equal(
            [
                ("PRIORITY", "3"), ("SYSLOG_IDENTIFIER", "holdfastd"), ("MESSAGE", "a line\nPRIORITY=0"),
                ("HOLDFAST_FAILURE", "id"), ("HOLDFAST_PATH", "a\nMESSAGE=x\n"),
            ],
            journal.Receive());
    }

    [Fact]
    public void What_is_too_long_is_left_out()
    {
        using JournalDouble journal = Listen();
        var value = new string('x', 60_000);
        Sink().Write(3, "line", [.. Enumerable.Range(0, 20).Select(i => KeyValuePair.Create($"F{i}", value))]);
        Assert.Equal(["PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE"], journal.Receive().Select(field => field.Name));
    }

    /// <summary>C11: a journal that reads nothing is an error, not a wait.</summary>
    [Fact]
    public void A_hung_journal_holds_nobody_up()
    {
        using JournalDouble journal = Listen();
        JournalSink sink = Sink();
        Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < 100_000; i++) sink.Write(3, "line", []);
        });
    }

    [Fact]
    public void A_dead_journal_is_an_error()
    {
        File.WriteAllText(SocketPath, "");
        Assert.Throws<IOException>(() => Sink().Write(3, "line", []));
    }

    [Fact]
    public void Without_a_journal_one_line_goes_to_standard_error()
    {
        using var errors = new StringWriter();
        new JournalSink(SocketPath, errors).Write(3, "a\nline", []);
        Assert.Equal("<3>a line\n", errors.ToString());
    }

    private JournalSink Sink() => new(SocketPath, TextWriter.Null);

    private JournalDouble Listen() => new(SocketPath);
}
