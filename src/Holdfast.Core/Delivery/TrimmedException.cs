// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>The feed was asked from a place that is not kept any more.</summary>
public sealed class TrimmedException(long through)
    : Exception($"notices up to {through} are not kept any more; list the failures and go on from there")
{
    /// <summary>The first place that can be asked from.</summary>
    public long Through { get; } = through;
}
