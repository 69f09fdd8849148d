// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Intake;

/// <summary>There is no such failure, or nothing can be done with it any more.</summary>
public sealed class FailureNotFoundException : Exception
{
    public FailureNotFoundException(Guid id, Guid? mergedInto, bool isSettled)
        : base(mergedInto is { } into ? $"failure {id} is part of {into} now"
            : isSettled ? $"failure {id} is settled" : $"there is no failure {id}")
    {
        MergedInto = mergedInto;
        IsSettled = isSettled;
    }

    /// <summary>The failure to speak of instead.</summary>
    public Guid? MergedInto { get; }

    /// <summary>It is there, but closed.</summary>
    public bool IsSettled { get; }
}
