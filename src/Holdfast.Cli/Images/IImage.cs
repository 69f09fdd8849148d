// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Cli.Images;

/// <summary>Where the files of a filesystem can be read.</summary>
internal interface IImageFiles
{
    /// <param name="why">Why not, where it is null.</param>
    IImage? Open(DamagedFile file, out string why);
}

/// <summary>A damaged file that may be an image, opened so that nothing is read of it that is lost.</summary>
internal interface IImage : IDisposable
{
    IBlockSource Source { get; }

    /// <summary>Why what is read of it may not be what it holds: found out when it is first asked for.</summary>
    IReadOnlyList<string> Gaps { get; }

    /// <summary>The XFS on it that are mounted, where they have lost bytes: the kernel answers for them.</summary>
    IReadOnlyList<MountedPart> Mounted { get; }

    /// <summary>Who has what lies at a byte of the image.</summary>
    ImageUse UseAt(long offset);
}

/// <summary>A mounted filesystem that lies on an image.</summary>
/// <param name="Device">What it is mounted from.</param>
/// <param name="Lost">In bytes of that device.</param>
/// <param name="Exact">Of those, what a source names which knows the extent of what it names.</param>
internal sealed record MountedPart(string Device, ByteRangeSet Lost, ByteRangeSet Exact);

/// <summary>Whether a place of an image may be read.</summary>
/// <param name="Use">Who else has it.</param>
/// <param name="IsMounted">The kernel answers for it: it must not be read.</param>
/// <param name="Refusal">Why nobody can answer for it; null where somebody can.</param>
internal readonly record struct ImageUse(Use Use, bool IsMounted = false, string? Refusal = null);
