// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>What a damaged image lost of one filesystem on it.</summary>
/// <param name="Inode">The image file's.</param>
/// <param name="Paths">The image file's, all that are known.</param>
/// <param name="Report">Its target is the image: ranges are bytes of the file.</param>
internal sealed record ImageReport(ulong Inode, IReadOnlyList<PathName> Paths, LocateReport Report);
