// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Web.Reports;

/// <summary>
/// Writes a report as one file that needs nothing else: no script, nothing from outside, readable with a browser of
/// any age. It is written piece by piece, so that a million files are no burden.
/// </summary>
public sealed class ReportWriter : IDisposable
{
    /// <summary>With which every report begins: such a file may be written over by the next one.</summary>
    public const string Signature = "<!DOCTYPE html><!-- holdfast report -->\n";

    /// <summary>More files than this are shown only when their folder is opened.</summary>
    private const int OpenMax = 1000;

    /// <summary>Folders that are rendered at once: what is rendered is in memory.</summary>
    private const int FoldersMax = 100;

    private readonly ServiceProvider _services;
    private readonly TextWriter _output;

    private ReportWriter(TextWriter output)
    {
        _output = output;
        // Names stay legible in the file itself; what has a meaning in HTML is escaped all the same.
        _services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();
    }

    /// <exception cref="IOException">It could not be written.</exception>
    public static void Write(Stream stream, ReportDocument document)
    {
        using var output = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        using var writer = new ReportWriter(output);
        writer.Write(document);
    }

    public void Dispose() => _services.Dispose();

    private void Write(ReportDocument document)
    {
        _output.Write(Signature);
        _output.Write("<html lang=\"en\">\n");
        Render<DocumentHead>(new() { ["Document"] = document });
        _output.Write("\n<body>\n<main>\n");
        Render<DocumentTop>(new() { ["Document"] = document });
        foreach (FilesystemSection section in document.Sections)
        {
            _output.Write("\n<article>\n");
            Write(section);
            _output.Write("\n</article>\n");
        }

        _output.Write("</main>\n</body>\n</html>\n");
    }

    private void Write(FilesystemSection section)
    {
        Render<FilesystemHead>(new() { ["Section"] = section });
        WriteFolders(section.Files);
        foreach (FindingGroup group in section.Groups) Render<FindingTable>(new() { ["Group"] = group });
    }

    private void WriteFolders(IReadOnlyList<DamagedFile> files)
    {
        if (files.Count == 0) return;
        var list = FolderList.Of(files);
        _output.Write("\n<section>\n<h3>All damaged files, by folder</h3>\n");
        bool isOpen = list.Files.Count <= OpenMax;
        foreach (FolderPart[] parts in FolderPart.Of(list).Chunk(FoldersMax))
        {
            Render<FolderTree>(new() { ["Parts"] = parts, ["IsOpen"] = isOpen });
        }

        _output.Write("\n</section>\n");
    }

    /// <summary>A renderer keeps what it has rendered: each piece has its own.</summary>
    private void Render<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(
        Dictionary<string, object?> parameters)
        where T : IComponent
    {
        using var renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
        renderer.Dispatcher.InvokeAsync(async () =>
        {
            HtmlRootComponent root = await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters));
            root.WriteHtmlTo(_output);
        }).GetAwaiter().GetResult();
    }
}
