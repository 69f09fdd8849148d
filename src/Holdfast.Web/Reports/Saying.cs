// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>A sentence, and what it means to its reader. Names in it were made visible before.</summary>
public sealed record Saying(string Text, ReportTone Tone = ReportTone.Plain);
