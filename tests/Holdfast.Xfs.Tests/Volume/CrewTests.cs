// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Volume;

public sealed class CrewTests
{
    private sealed class Counter
    {
        public List<int> Pieces { get; } = [];

        public bool IsBusy { get; set; }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    public void Every_piece_is_done_once(int pieces)
    {
        var crew = new Crew<Counter>(() => new Counter());
        for (int run = 0; run < 3; run++) crew.Run(pieces, Count, CancellationToken.None);
        List<int> done = [.. crew.Workers.SelectMany(w => w.Pieces).Order()];
        Assert.Equal([.. Enumerable.Range(0, pieces).SelectMany(p => Enumerable.Repeat(p, 3))], done);
        Assert.InRange(crew.Workers.Count, 1, Math.Max(1, Environment.ProcessorCount));
    }

    [Fact]
    public void No_piece_is_begun_after_enough()
    {
        var crew = new Crew<Counter>(() => new Counter());
        crew.Run(1_000_000, (worker, piece) => Count(worker, piece) && piece < 10, CancellationToken.None);
        // Each thread may have been in the middle of one.
        Assert.InRange(crew.Workers.Sum(w => w.Pieces.Count), 11, 11 + 1000);
    }

    // Goal: nothing that a worker uses is taken away while it works.
    // Method: the caller's thread fails while another is known to be in the middle of a piece.
    [Fact]
    public void A_failure_comes_out_after_every_thread_has_stopped()
    {
        using var begun = new CountdownEvent(Math.Min(2, Environment.ProcessorCount));
        int caller = Environment.CurrentManagedThreadId;
        var crew = new Crew<Counter>(() => new Counter());
        Assert.Throws<InvalidDataException>(() => crew.Run(
            1000,
            (worker, _) =>
            {
                worker.IsBusy = Environment.CurrentManagedThreadId != caller;
                if (!begun.IsSet) begun.Signal();
                begun.Wait();
                if (!worker.IsBusy) throw new InvalidDataException("as planned");
                Thread.Sleep(50);
                worker.IsBusy = false;
                return true;
            },
            CancellationToken.None));
        Assert.DoesNotContain(crew.Workers, w => w.IsBusy);
    }

    [Fact]
    public void Cancelled_work_ends_with_the_exception_for_it()
    {
        using var source = new CancellationTokenSource();
        var crew = new Crew<Counter>(() => new Counter());
        Assert.Throws<OperationCanceledException>(() => crew.Run(
            1_000_000,
            (worker, piece) =>
            {
                if (piece == 3) source.Cancel();
                return Count(worker, piece);
            },
            source.Token));
        Assert.InRange(crew.Workers.Sum(w => w.Pieces.Count), 4, 1_000_000 - 1);
    }

    private static bool Count(Counter worker, int piece)
    {
        worker.Pieces.Add(piece);
        return true;
    }
}
