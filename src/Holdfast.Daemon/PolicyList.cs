// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;

namespace Holdfast.Daemon;

/// <summary>All policies that a rule may name.</summary>
internal static class PolicyList
{
    internal static IReadOnlyList<IPolicy> Of(ILogger logger) => [];
}
