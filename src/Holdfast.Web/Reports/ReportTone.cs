// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>What a sentence means to its reader; the style sheet decides how that looks.</summary>
public enum ReportTone
{
    Plain,
    Good,
    Warning,
    Bad,
}
