// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// Will it mount? What stands in the way of recovery and of a mount, and what throwing the log away would cost.
/// </summary>
public sealed record MountForecast
{
    /// <summary>In the order in which a mount meets them.</summary>
    public required IReadOnlyList<MountObstacle> Obstacles { get; init; }

    /// <summary>Bad bytes in the part of an internal log that recovery reads. Bytes of the data device.</summary>
    public required ByteRangeSet BadActiveLog { get; init; }

    /// <summary>Bad bytes in the rest of the log: a mount overwrites them before anybody reads them.</summary>
    public required ByteRangeSet BadInactiveLog { get; init; }

    /// <summary>What <c>xfs_repair -L</c> would throw away; null where nothing would be lost, or it is not
    /// known.</summary>
    public required LogLoss? Loss { get; init; }

    /// <summary>Whether recovery is needed, and what it would do, is not known: no log was given.</summary>
    public bool IsLogUnknown { get; init; }

    /// <summary>For writing, which is what mount(8) does without options.</summary>
    public bool WillMount => !IsLogUnknown && Obstacles.All(o => o.Effect == MountEffect.GoesOn);

    /// <summary>With <c>-o ro</c>: the log is recovered all the same, but less is read.</summary>
    public bool WillMountReadOnly => !IsLogUnknown && Obstacles.All(o => o.Effect != MountEffect.Fails);
}

/// <summary>What is in a log and nowhere else.</summary>
/// <param name="Bytes">Of the log, from tail to head.</param>
/// <param name="Transactions">Committed ones, as far as they can be read; null where the log's ends are not
/// known.</param>
/// <param name="OpenIntents">Work that was announced and would never be done.</param>
/// <param name="Inodes">Files, directories and other inodes whose last changes are nowhere else.</param>
public sealed record LogLoss(long Bytes, long? Transactions, long? Items, int? OpenIntents, int? Inodes);
