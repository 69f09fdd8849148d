// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures;

/// <summary>How sure the source of a bad range is of its extent.</summary>
public enum Confidence
{
    /// <summary>The source named these very bytes.</summary>
    Exact,

    /// <summary>The source named a place without a length, or may blame more than what is lost.</summary>
    Low,
}
