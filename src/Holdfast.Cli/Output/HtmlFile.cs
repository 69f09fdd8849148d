// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Wording;
using Holdfast.Linux;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Holdfast.Web.Reports;

namespace Holdfast.Cli.Output;

/// <summary>
/// The report as one file. A slip of the finger must not cost what is to be rescued: only an earlier report is written
/// over, and nothing is written into the filesystem that is looked at.
/// </summary>
internal sealed class HtmlFile
{
    private readonly string? _file;

    private HtmlFile(string? file) => _file = file;

    /// <summary>It goes to stdout.</summary>
    public bool IsOutput => _file is null;

    /// <param name="file">"-" for stdout.</param>
    /// <param name="target">As it was typed.</param>
    /// <exception cref="CommandFailure">It may not be written there.</exception>
    public static HtmlFile At(string file, string target)
    {
        if (file == "-") return new(null);
        if (Path.Exists(file) && !IsReport(file))
        {
            throw new CommandFailure($"--html: {file}: is there already, and is no report", ExitBits.Usage);
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
        if (MountedTarget.Find(target, KernelRoots.Real) is { } mount && FileIdentity.Of(folder) is { } at
            && at.LiesOn == mount.Device)
        {
            throw new CommandFailure(
                $"--html: {file}: lies on the filesystem that is looked at, and nothing is written there",
                ExitBits.Usage);
        }

        return new(file);
    }

    /// <param name="begun">When the target was looked at.</param>
    public void Write(LocateReport report, DateTimeOffset begun)
    {
        var document = new ReportDocument
        {
            Title = $"What {VisibleText.Of(report.Target)} lost",
            Made = begun,
            Program = $"holdfast {Version}",
            Sections =
            [
                ReportSection.Of(report, isImage: false),
                .. report.InImages().Select(at => ReportSection.Of(at, isImage: true)),
            ],
        };
        if (_file is null)
        {
            using Stream output = DescriptorStream.OpenOutput();
            ReportWriter.Write(output, document);
            return;
        }

        // Replaced as a whole: half a report would say that the rest is well.
        string part = _file + ".part";
        try
        {
            using (FileStream stream = File.Create(part)) ReportWriter.Write(stream, document);
            File.Move(part, _file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(part)) File.Delete(part);
            throw new CommandFailure($"--html: {_file}: {e.Message}");
        }
    }

    /// <summary>"0.1.0": whoever needs the commit asks the program itself.</summary>
    private static string Version => typeof(HtmlFile).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>A regular file that begins as all of them do.</summary>
    private static bool IsReport(string file)
    {
        try
        {
            byte[] wanted = Encoding.ASCII.GetBytes(ReportWriter.Signature);
            // A pipe or a device, which has no length here, is not even opened: that might wait.
            if (new FileInfo(file).Length < wanted.Length) return false;
            byte[] found = new byte[wanted.Length];
            using FileStream stream = File.OpenRead(file);
            return stream.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length
                && found.AsSpan().SequenceEqual(wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
