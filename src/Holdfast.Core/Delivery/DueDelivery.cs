// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>A delivery that is to be attempted.</summary>
/// <param name="Attempts">Begun so far, also by former runs.</param>
internal sealed record DueDelivery(long Sequence, string Rule, long? NextAttempt, int Attempts, FeedItem Item);
