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
    public async Task Fields_arrive_as_they_were_given()
    {
        using JournalDouble journal = Listen();
        await Sink().WriteAsync(
            3, "a line\nPRIORITY=0", [new("HOLDFAST_FAILURE", "id"), new("HOLDFAST_PATH", "a\nMESSAGE=x\n")], default);
        Assert.Equal(
            [
                ("PRIORITY", "3"), ("SYSLOG_IDENTIFIER", "holdfastd"), ("MESSAGE", "a line\nPRIORITY=0"),
                ("HOLDFAST_FAILURE", "id"), ("HOLDFAST_PATH", "a\nMESSAGE=x\n"),
            ],
            journal.Receive());
    }

    [Fact]
    public async Task What_is_too_long_is_left_out()
    {
        using JournalDouble journal = Listen();
        var value = new string('x', 60_000);
        await Sink().WriteAsync(
            3, "line", [.. Enumerable.Range(0, 20).Select(i => KeyValuePair.Create($"F{i}", value))], default);
        Assert.Equal(["PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE"], journal.Receive().Select(field => field.Name));
    }

    /// <summary>C11: a journal that reads nothing is an error after a moment.</summary>
    [Fact]
    public async Task A_hung_journal_holds_nobody_up()
    {
        using JournalDouble journal = Listen();
        JournalSink sink = Sink();
        Task line = await FullAsync(sink);
        var fault = await Assert.ThrowsAsync<IOException>(() => line.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal("the journal cannot be written to: WouldBlock", fault.Message);
    }

    /// <summary>The queue of a socket is a short one: one that is behind is no failed attempt yet.</summary>
    [Fact]
    public async Task A_journal_that_is_behind_is_waited_for()
    {
        using JournalDouble journal = Listen();
        JournalSink sink = Sink();
        Task line = await FullAsync(sink);
        journal.Receive();
        await line;
    }

    /// <summary>C11: whoever is not to wait any longer need not.</summary>
    [Fact]
    public async Task Waiting_ends_when_it_is_told_to()
    {
        using JournalDouble journal = Listen();
        using var stop = new CancellationTokenSource();
        Task line = await FullAsync(Sink(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line);
    }

    [Fact]
    public async Task A_dead_journal_is_an_error()
    {
        File.WriteAllText(SocketPath, "");
        await Assert.ThrowsAsync<IOException>(() => Sink().WriteAsync(3, "line", [], default));
    }

    [Fact]
    public async Task Without_a_journal_one_line_goes_to_standard_error()
    {
        using var errors = new StringWriter();
        await new JournalSink(SocketPath, errors).WriteAsync(3, "a\nline", [], default);
        Assert.Equal("<3>a line\n", errors.ToString());
    }

    /// <summary>Lines until the queue takes no more.</summary>
    /// <returns>The one that waits.</returns>
    private static async Task<Task> FullAsync(JournalSink sink, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task line = sink.WriteAsync(3, "line", [], cancellationToken);
            if (!line.IsCompleted) return line;
            await line;
        }
    }

    private JournalSink Sink() => new(SocketPath, TextWriter.Null);

    private JournalDouble Listen() => new(SocketPath);
}
