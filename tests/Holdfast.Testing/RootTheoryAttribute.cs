// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;
using Xunit;

namespace Holdfast.Testing;

/// <summary>As <see cref="RootFactAttribute"/>, for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute(Needs needs = Needs.MountedXfs | Needs.Xfsprogs, params string[] programs) =>
        Skip = Requirement.WhySkip(needs, programs);
}
