// SPDX-License-Identifier: Apache-2.0
using System.Xml.Linq;

namespace Holdfast.Tidy;

public sealed class LayerTests
{
    /// <summary>Each project may refer only to those before it.</summary>
    private static readonly string[] Layers =
    [
        "Holdfast.Failures", "Holdfast.Contract", "Holdfast.Devices", "Holdfast.Xfs", "Holdfast.Core", "Holdfast.Linux",
        "Holdfast.Client", "Holdfast.Web", "Holdfast.Daemon", "Holdfast.Cli",
    ];

    /// <summary>Everything else stands on the runtime alone.</summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Holdfast.Core"] = ["Microsoft.Data.Sqlite", "SQLitePCLRaw.bundle_e_sqlite3", "Polly.Core"],
        ["Holdfast.Linux"] = ["Polly.Core"],
        ["Holdfast.Daemon"] =
        [
            "Microsoft.AspNetCore.OpenApi", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol",
            "System.CommandLine",
        ],
        ["Holdfast.Cli"] = ["System.CommandLine", "Spectre.Console"],
    };

    [Fact]
    public void Every_project_under_src_is_a_layer()
    {
        string[] projects = Directory.GetDirectories(Path.Combine(Tree.Root, "src"));
        Assert.Equal(Layers.Order(), projects.Select(p => Path.GetFileName(p)).Order());
    }

    [Fact]
    public void A_project_refers_only_to_the_layers_before_it()
    {
        foreach (string project in Layers)
        {
            int own = Array.IndexOf(Layers, project);
            foreach (string path in References(project, "ProjectReference"))
            {
                int referred = Array.IndexOf(Layers, Path.GetFileNameWithoutExtension(path));
                Assert.True(referred >= 0 && referred < own, $"{project} refers to {path}");
            }
        }
    }

    [Fact]
    public void Packages_stay_where_they_are_named()
    {
        foreach (string project in Layers)
        {
            string[] allowed = Packages.GetValueOrDefault(project, []);
            Assert.Empty(References(project, "PackageReference").Except(allowed));
        }
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        foreach (string path in Tree.Sources)
        {
            string? declared = Array.Find(Tree.Lines(path), l => l.StartsWith("namespace ", StringComparison.Ordinal));
            if (declared is null) continue;
            string wanted = Path.GetDirectoryName(path)!.Replace('/', '.');
            wanted = wanted[(wanted.IndexOf('.', StringComparison.Ordinal) + 1)..];
            Assert.True(declared == $"namespace {wanted};", $"{path}: {declared}, not {wanted}");
        }
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Parse(Tree.Text($"src/{project}/{project}.csproj"))
            .Descendants(kind)
            .Select(e => e.Attribute("Include")!.Value);
}
