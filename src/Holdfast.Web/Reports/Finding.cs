// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>One thing that was found: how much, what, and what there is to say of it. Text, no markup.</summary>
/// <param name="Amount">"4.0 KiB"; empty where nothing is counted.</param>
/// <param name="What">Its name.</param>
public sealed record Finding(string Amount, string What)
{
    public ReportTone Tone { get; init; }

    /// <summary>Behind its name: where it lies, whose it is.</summary>
    public string Aside { get; init; } = "";

    /// <summary>Below it.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];
}
