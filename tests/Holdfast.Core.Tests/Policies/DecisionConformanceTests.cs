// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Testing.Policies;

namespace Holdfast.Core.Tests.Policies;

/// <summary>"ignore" as every policy (C4: it is one, on record).</summary>
public sealed class IgnoreConformanceTests : IdempotentConformance
{
    protected override IPolicy Policy => NoEffectPolicy.Ignore;

    protected override Rule Rule { get; } = new() { Name = "scratch", When = new(), Policy = "ignore" };

    protected override bool LeavesTraces => false;

    protected override IReadOnlyList<PolicyEffect> Effects() => [];
}

/// <summary>"report" as every policy.</summary>
public sealed class ReportConformanceTests : IdempotentConformance
{
    protected override IPolicy Policy => NoEffectPolicy.Report;

    protected override Rule Rule { get; } = new() { Name = "feed", When = new(), Policy = "report" };

    protected override bool LeavesTraces => false;

    protected override IReadOnlyList<PolicyEffect> Effects() => [];
}
