// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// When one filesystem's open failures are asked about again: a while after its lane has begun, every so often after
/// that, sooner where it did not answer, and at once for a failure that somebody is looking at. Used by one lane; only
/// <see cref="Ask"/> may be called from anywhere.
/// </summary>
internal sealed class AgainSchedule
{
    /// <summary>People look at one failure at a time; more are answered with what is known.</summary>
    private const int WantedMax = 64;

    private readonly Lock _lock = new();
    private readonly List<(Guid Failure, TaskCompletionSource Done)> _wanted = [];
    private readonly TimeProvider _time;
    private readonly PublisherOptions _options;
    private DateTimeOffset _next;
    private TimeSpan _retry;
    private bool _isUnanswered;

    internal AgainSchedule(TimeProvider time, PublisherOptions options)
    {
        _time = time;
        _options = options;
        _retry = options.AgainFirst;
        _next = time.GetUtcNow() + options.AgainFirst;
    }

    internal bool IsIdle => Wanted is null && UntilNext() > TimeSpan.Zero;

    /// <summary>The failure that somebody waits for; null: the round's next page.</summary>
    internal Guid? Wanted
    {
        get
        {
            lock (_lock) return _wanted.Count > 0 ? _wanted[0].Failure : null;
        }
    }

    /// <summary>How far the round has come, by id.</summary>
    internal Guid After { get; private set; }

    internal TimeSpan UntilNext()
    {
        TimeSpan until = _next - _time.GetUtcNow();
        // Further away than it ever is set: the clock was set back meanwhile.
        if (until > _options.AgainEvery) until = _options.AgainEvery;
        return until < TimeSpan.Zero ? TimeSpan.Zero : until;
    }

    internal Task Ask(Guid failure)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_wanted.Count == WantedMax) return Task.CompletedTask;
            _wanted.Add((failure, done));
        }

        return done.Task;
    }

    /// <summary>Something was not answered: the next round comes before long.</summary>
    internal void Soon()
    {
        DateTimeOffset soon = _time.GetUtcNow() + _retry;
        if (soon < _next) _next = soon;
    }

    /// <summary>Nobody can be asked now.</summary>
    internal void Unheld(Guid? wanted)
    {
        After = Guid.Empty;
        _next = _time.GetUtcNow() + _options.AgainFirst;
        if (wanted is { } failure) Answered(failure);
    }

    /// <param name="wanted">What was asked: one failure, or null for a page of the round.</param>
    /// <param name="next">Where the round goes on; null at its end.</param>
    internal void Done(Guid? wanted, Guid? next, bool isAnswered)
    {
        if (wanted is { } failure)
        {
            Answered(failure);
            return;
        }

        _isUnanswered |= !isAnswered;
        After = next ?? Guid.Empty;
        if (next is not null) return;
        // Each time longer, as with everything that does not answer.
        _retry = _isUnanswered ? _retry * 2 : _options.AgainFirst;
        if (_retry > _options.AgainEvery) _retry = _options.AgainEvery;
        _next = _time.GetUtcNow() + (_isUnanswered ? _retry : _options.AgainEvery);
        _isUnanswered = false;
    }

    private void Answered(Guid failure)
    {
        List<TaskCompletionSource> done;
        lock (_lock)
        {
            done = _wanted.FindAll(at => at.Failure == failure).ConvertAll(at => at.Done);
            _wanted.RemoveAll(at => at.Failure == failure);
        }

        foreach (TaskCompletionSource at in done) at.TrySetResult();
    }
}
