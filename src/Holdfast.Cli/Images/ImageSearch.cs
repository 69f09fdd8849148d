// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Mounted;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Cli.Images;

/// <summary>
/// Looks into damaged files that are disk images: each XFS on them is asked what the file's lost bytes are to it, and
/// so on into images in there. An image may hold itself, so depth and number are bounded.
/// </summary>
internal sealed class ImageSearch(TargetOptions options, ParseResult parsed)
{
    /// <summary>Images within images.</summary>
    public const int DepthMax = 8;

    /// <summary>Filesystems on images that one answer looks into.</summary>
    public const int FilesystemsMax = 1000;

    /// <summary>No image that is made today is smaller; that a shorter file might be one is not worth a word.</summary>
    private const long WorthAWord = 16 << 20;

    private const int AreasShownMax = 4;

    private readonly bool _useRmapbt = !parsed.GetValue(options.NoRmapbt);
    private readonly WayToRecovery _way = new(options, parsed, mustRecover: true);
    private int _filesystems;

    /// <param name="report">Of the filesystem that the files lie in.</param>
    /// <param name="exact">What sources that know the extent of their ranges name, in bytes of its data device.</param>
    public LocateReport AddTo(LocateReport report, ByteRangeSet exact, IImageFiles files) =>
        AddTo(report, exact, files, new("", 1));

    private LocateReport AddTo(LocateReport report, ByteRangeSet exact, IImageFiles files, Level level)
    {
        var found = new ImageFindings();
        foreach (DamagedFile file in DamagedFile.Of(report, exact))
        {
            using IImage? image = files.Open(file, out string why);
            if (image is null) found.AddLeftOut(file.Name, why);
            else LookInto(image, file, level, found);
        }

        return found.AddTo(report);
    }

    private void LookInto(IImage image, DamagedFile file, Level level, ImageFindings found)
    {
        foreach (MountedPart part in image.Mounted) AskMounted(part, file, level, found);
        LayoutTree tree = DiskLayout.Discover(image.Source, TargetOpener.IsXfs);
        var volumes = new List<LayoutNode>();
        foreach (LayoutNode node in tree.Volumes)
        {
            if (node.IsFilesystem) volumes.Add(node);
            else if (node.Content == LayoutContent.Unreadable && IsHeadless(node, tree, file, found)) volumes.Add(node);
        }

        bool isDisk = tree.Target.Content
            is LayoutContent.PartitionTable or LayoutContent.MdMember or LayoutContent.PhysicalVolume;
        if (volumes.Count == 0 && !isDisk) return;
        if (volumes.Count == 0 && tree.Faults.FirstOrDefault(IsGap) is { } fault)
        {
            found.Gaps.Add($"{file.Name} looks like an image, and no XFS is found on it: {fault}");
            return;
        }

        ByteRangeSet outside = file.Lost;
        foreach (LayoutNode node in volumes)
        {
            outside = outside.Intersect(node.FromDevice(image.Source, file.Lost).Outside);
        }

        if (outside.TotalLength == file.Lost.TotalLength)
        {
            found.Notes.Add($"what {file.Name} lost is in no XFS on it: {Areas(tree, image.Source, outside)}");
            return;
        }

        foreach (LayoutNode node in volumes)
        {
            if (Look(new(image, tree, node), file, outside, level, found)) outside = ByteRangeSet.Empty;
        }
    }

    /// <summary>Whether what begins with lost bytes is an XFS all the same: it has copies of its superblock.</summary>
    private static bool IsHeadless(LayoutNode node, LayoutTree tree, DamagedFile file, ImageFindings found)
    {
        bool isWhole = node == tree.Target;
        if (isWhole && file.Size < WorthAWord) return false;
        if (new ClaimedDevices(node.Source!).ReadSuperblock(out _) is not null) return true;
        if (isWhole) found.AddHeadless(file.Name);
        else found.Gaps.Add($"whether {file.Name}, {node.Name} holds an XFS cannot be told: its first bytes are lost");
        return false;
    }

    /// <returns>Whether there is a report on it now.</returns>
    private bool Look(Place at, DamagedFile file, ByteRangeSet outside, Level level, ImageFindings found)
    {
        TranslatedRanges lost = at.Node.FromDevice(at.Image.Source, file.Lost);
        if (lost.Inside.IsEmpty && lost.LeftOut.IsEmpty) return false;
        string where = at.Node == at.Tree.Target ? file.Name : $"{file.Name}, {at.Node.Name}";
        ImageUse use = at.FirstByte is { } first ? at.Image.UseAt(first) : default;
        if (use.IsMounted) return false;
        string? refusal = use.Refusal ?? WhyNoFurther(level);
        if (refusal is not null)
        {
            found.AddLeftOut(where, refusal);
            return false;
        }

        try
        {
            // The image owns the source, and outlives it.
            var target = new OpenedTarget(
                level.NameOf(file), at.Image.Source, null, at.Tree, at.Node, _way.Open(where, at.Node.Source!, null))
            {
                Use = use.Use,
            };
            IReadOnlyList<string> gaps = use.Use == Use.ShutDown ? [] : at.Image.Gaps;
            LocateReport report = FilesystemReport.OfDevice(target, Given(file, gaps), _useRmapbt, outside);
            report = AddTo(
                report, target.ToVolume(file.Exact).Inside, new VolumeFiles(target, gaps), level.Below(file));
            found.Images.Add(new(file.Inode, file.Paths, report));
            return true;
        }
        catch (CommandFailure failure)
        {
            found.Gaps.Add(failure.Message);
            return false;
        }
    }

    private void AskMounted(MountedPart part, DamagedFile file, Level level, ImageFindings found)
    {
        if (WhyNoFurther(level) is { } refusal)
        {
            found.AddLeftOut($"{file.Name}, mounted from {part.Device}", refusal);
            return;
        }

        try
        {
            using KernelTarget? target = KernelTarget.Open(part.Device);
            // It has shut down, and is read as if it were not mounted.
            if (target is null) return;
            LocateReport report = FilesystemReport.OfMounted(
                target, level.NameOf(file), Given(file, []), part.Lost, part.Exact, out MountedAnswer answer);
            report = report with { Volume = report.Volume with { Name = part.Device, Offset = null } };
            report = AddTo(report, part.Exact, new MountedFiles(target, answer), level.Below(file));
            found.Images.Add(new(file.Inode, file.Paths, report));
        }
        catch (CommandFailure failure)
        {
            found.Gaps.Add($"{file.Name}: {failure.Message}");
        }
    }

    private string? WhyNoFurther(Level level)
    {
        if (level.Depth > DepthMax) return $"images within images are followed {DepthMax} deep";
        return ++_filesystems > FilesystemsMax
            ? $"{FilesystemsMax} filesystems on images were looked into already"
            : null;
    }

    private static GivenRanges Given(DamagedFile file, IReadOnlyList<string> gaps) => new()
    {
        Bad = file.AsBad, Mapfiles = [], Sources = [], Gaps = gaps, Notes = [],
    };

    private static bool IsGap(LayoutFault fault) => fault.Effect == LayoutFaultEffect.Incomplete;

    private static string Areas(LayoutTree tree, IBlockSource source, ByteRangeSet ranges)
    {
        DiskArea[] areas = [.. tree.NameAreas(source, ranges).Take(AreasShownMax + 1)];
        IEnumerable<string> shown = areas.Take(AreasShownMax)
            .Select(at => $"{ByteText.Of(at.Range.Length)} at byte {at.Range.Offset} ({at.Name})");
        return string.Join(", ", shown) + (areas.Length > AreasShownMax ? " and more" : "");
    }

    /// <summary>A filesystem on an image.</summary>
    private readonly record struct Place(IImage Image, LayoutTree Tree, LayoutNode Node)
    {
        /// <summary>Where the image has its first byte; null where it does not have it.</summary>
        public long? FirstByte
        {
            get
            {
                foreach (DeviceRange piece in Node.ToDevices(new(0, 1)))
                {
                    if (ReferenceEquals(piece.Device, Image.Source)) return piece.Range.Offset;
                }

                return null;
            }
        }
    }

    /// <summary>How far down files are looked at.</summary>
    /// <param name="Around">The images around, from the outermost on; empty in the target itself.</param>
    private readonly record struct Level(string Around, int Depth)
    {
        public string NameOf(DamagedFile file) => Around.Length == 0 ? file.Name : $"{Around} › {file.Name}";

        public Level Below(DamagedFile file) => new(NameOf(file), Depth + 1);
    }
}
