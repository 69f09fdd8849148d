// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.Impacts;

/// <summary>What bad ranges mean to one filesystem.</summary>
/// <param name="Impacts">In device order; bytes with several owners have one impact for each.</param>
/// <param name="IsComplete">False where something could not be known: the faults that are not worked around say
/// what.</param>
public sealed record LocateAnswer(IReadOnlyList<Impact> Impacts, bool IsComplete, IReadOnlyList<Fault> Faults);
