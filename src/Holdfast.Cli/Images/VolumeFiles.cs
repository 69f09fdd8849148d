// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Images;

/// <summary>Files of a filesystem that is read itself: through it, from the device or image that it lies on.</summary>
/// <param name="inherited">Why what is read of the device may not be what it holds.</param>
internal sealed class VolumeFiles(OpenedTarget target, IReadOnlyList<string> inherited) : IImageFiles
{
    public IImage? Open(DamagedFile file, out string why)
    {
        // The report is made: what the whole of the file's map shows to be damaged is said with the image.
        FileBlockSource? source = FileBlockSource.Open(
            target.Volume.WithOwnFaults(), new InodeNumber(file.Inode), file.Name, out why);
        return source is null ? null : new Image(source, file, GapsOf(source, file));
    }

    private List<string> GapsOf(FileBlockSource source, DamagedFile file)
    {
        var gaps = new List<string>(inherited);
        if (target.Use == Use.InUse)
        {
            gaps.Add($"the filesystem that holds {file.Name} is in use: memory is newer than what was read");
        }

        if (!target.Recovered.IsComplete)
        {
            gaps.Add($"the filesystem that holds {file.Name} was not recovered whole: its log may know better where "
                + "the file's bytes are");
        }

        long unmapped = source.Unmapped.Except(file.Lost).TotalLength;
        if (unmapped > 0)
        {
            gaps.Add($"{ByteText.Of(unmapped)} more of {file.Name} cannot be found: part of its block map is damaged");
        }

        return gaps;
    }

    private sealed class Image(FileBlockSource source, DamagedFile file, IReadOnlyList<string> gaps) : IImage
    {
        public IBlockSource Source { get; } = new DistrustingBlockSource(source, file.Lost);

        public IReadOnlyList<string> Gaps => gaps;

        public IReadOnlyList<MountedPart> Mounted => [];

        /// <summary>Nothing is mounted from a file of what is not mounted itself.</summary>
        public ImageUse UseAt(long offset) => new(Use.None);

        public void Dispose() => Source.Dispose();
    }
}
