// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Web.Reports;

/// <summary>A report as one file.</summary>
public sealed record ReportDocument
{
    public required string Title { get; init; }

    /// <summary>When the device was looked at.</summary>
    public required DateTimeOffset Made { get; init; }

    /// <summary>What made it: the program and its version.</summary>
    public required string Program { get; init; }

    /// <summary>The filesystem itself, then those in images of it.</summary>
    public required IReadOnlyList<FilesystemSection> Sections { get; init; }
}
