// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures;

/// <summary>One bad range as a source reported it, in bytes of the device the source speaks of.</summary>
public readonly record struct ReportedRange(ByteRange Range, Confidence Confidence);
