// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>Findings under one heading.</summary>
/// <param name="LeftOut">Said below them where not all are there; empty where all are.</param>
public sealed record FindingGroup(string Heading, IReadOnlyList<Finding> Findings, string LeftOut = "");
