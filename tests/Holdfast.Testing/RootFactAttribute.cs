// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;
using Xunit;

namespace Holdfast.Testing;

/// <summary>
/// A fact that mounts an XFS as root. Skipped with the reason where that cannot be done; a failure in CI.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute(Needs needs = Needs.MountedXfs | Needs.Xfsprogs, params string[] programs) =>
        Skip = Requirement.WhySkip(needs, programs);
}
