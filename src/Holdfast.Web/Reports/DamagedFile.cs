// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Web.Reports;

/// <summary>A file that lost content, by one of its paths.</summary>
/// <param name="BytesLost">Of it; where <paramref name="IsAllLost"/>, as far as is known.</param>
/// <param name="Share">0 to 1; null where the file's size is not known.</param>
/// <param name="IsAllLost">Its inode is lost, and with it the way to whatever it had.</param>
public readonly record struct DamagedFile(PathName Path, long BytesLost, double? Share, bool IsAllLost = false);
