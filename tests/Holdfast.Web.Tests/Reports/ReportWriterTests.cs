// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Holdfast.Failures.Impacts;
using Holdfast.Web.Maps;
using Holdfast.Web.Reports;

namespace Holdfast.Web.Tests.Reports;

public sealed partial class ReportWriterTests
{
    private static readonly byte[][] Hostile =
    [
        "<script>alert(1)</script>"u8.ToArray(), "\"><img src=x onerror=alert(1)>"u8.ToArray(),
        "&lt;already&gt;"u8.ToArray(), "line\nbreak"u8.ToArray(), "\u202egpj.exe"u8.ToArray(),
        "</pre></style>"u8.ToArray(),
        [(byte)'n', 0xff, 0xfe], "]]>-->"u8.ToArray(),
        "\u001b[31mred"u8.ToArray(), "\uffff\ufffe"u8.ToArray(),
    ];

    /// <summary>Whatever a file is called, its name is text: nothing of the page is made of it.</summary>
    [Fact]
    public void Hostile_names_are_nothing_but_text()
    {
        // The same folders, of letters.
        XElement plain = Written(Document(Hostile.Select(
            (name, i) => name.Select(at => at == '/' ? at : (byte)('a' + i)).ToArray())), out _);
        XElement hostile = Written(Document(Hostile), out string text);
        Assert.Equal(Shape(plain), Shape(hostile));
        Assert.DoesNotContain('\u202e', text);
        Assert.DoesNotContain('\u001b', text);
        string shown = hostile.Value;
        Assert.All(
            ["<script>alert(1)<", "script>", "\"><img src=x onerror=alert(1)>", "&lt;already&gt;", "line\\nbreak",
                "\\u202egpj.exe", "n\\xff\\xfe", "\\x1b[31mred"],
            name => Assert.Contains(name, shown, StringComparison.Ordinal));
    }

    [Fact]
    public void It_needs_nothing_else_and_runs_nothing()
    {
        XElement page = Written(Document([.. Hostile]), out string text);
        Assert.StartsWith(ReportWriter.Signature, text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            page.Descendants(), at => at.Name.LocalName is "script" or "link" or "img" or "iframe" or "object");
        Assert.DoesNotContain(
            page.Descendants().Attributes().Select(at => at.Name.LocalName),
            at => at is "src" or "href" or "style" || at.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        XElement policy = Assert.Single(page.Descendants("meta"), at => at.Attribute("http-equiv") is not null);
        Assert.StartsWith("default-src 'none';", policy.Attribute("content")!.Value, StringComparison.Ordinal);
    }

    /// <summary>Parts of a folder, and folders that are rendered one after the other, together are all files.</summary>
    [Fact]
    public void Every_file_is_in_it_once_however_many_there_are()
    {
        const int count = 25_000;
        IEnumerable<byte[]> names = Enumerable.Range(0, count).Select(
            i => Encoding.ASCII.GetBytes(i % 2 == 0 ? $"many/file-{i:d6}" : $"some/{i % 700}/file-{i:d6}"));
        XElement page = Written(Document(names), out _);
        string[] lines = [.. page.Descendants("pre").SelectMany(at => at.Value.Trim('\n').Split('\n'))];
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => $"file-{i:d6}"),
            lines.Select(at => at[(at.LastIndexOf(' ') + 1)..]).Order());
        // Nothing is unfolded of so many.
        Assert.All(page.Descendants("details"), at => Assert.Null(at.Attribute("open")));
    }

    private static ReportDocument Document(IEnumerable<byte[]> names)
    {
        PathName[] paths = [.. names.Select(at => new PathName(at))];
        return new()
        {
            Title = "What disk.img lost", Made = DateTimeOffset.UnixEpoch, Program = "holdfast 1",
            Sections =
            [
                new()
                {
                    Target = "disk.img", Subject = "XFS", Length = 1 << 30,
                    Verdict = [new("Files are damaged.", ReportTone.Bad)],
                    Pieces = [new(new(4096, 4096), MapContent.FileData), new(new(1 << 29, 512), MapContent.Metadata)],
                    Files = [.. paths.Select(at => new DamagedFile(at, 4096, 0.5))],
                    Groups = [new("Metadata", [new("512 B", "agf") { Lines = ["gone"], Aside = "at byte 1" }])],
                },
            ],
        };
    }

    /// <summary>Well-formed as XML but for its head's void elements, so that what is seen is what was meant.</summary>
    private static XElement Written(ReportDocument document, out string text)
    {
        using var stream = new MemoryStream();
        ReportWriter.Write(stream, document);
        text = Encoding.UTF8.GetString(stream.ToArray());
        using var reader = XmlReader.Create(
            new StringReader(VoidElement().Replace(text, "$0</meta>")),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, CheckCharacters = false });
        return XElement.Load(reader);
    }

    [GeneratedRegex("<meta [^>]*>")]
    private static partial Regex VoidElement();

    private static string Shape(XElement element) =>
        $"{element.Name}[{string.Join(',', element.Attributes().Select(at => at.Name))}]"
        + $"({string.Join(' ', element.Elements().Select(Shape))})";
}
