// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Xfs.Content;

/// <summary>A range of a file that could not be read, in bytes of the file.</summary>
/// <param name="Why">The device's word, or that the mapping of these bytes is lost.</param>
public readonly record struct LostContent(ByteRange Range, string Why);
