// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Web.Maps;
using Holdfast.Web.Reports;
using Microsoft.Playwright;

namespace Holdfast.Browser.Tests;

/// <summary>The one-file report in a real browser.</summary>
public sealed class ReportPageTests(Browser browser) : IClassFixture<Browser>
{
    private const long Length = 20_000_000_000_000;

    [RootTheory(Needs.None, Browser.Program)]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Everybody_can_read_it(ColorScheme colours, int width)
    {
        using var scratch = new Scratch("report");
        await using WatchedPage page = await browser.OpenAsync(new()
        {
            ColorScheme = colours, ViewportSize = new() { Width = width, Height = 900 },
        });
        await page.Page.GotoAsync(Written(scratch, files: 40));
        await page.CheckAsync();
    }

    [RootFact(Needs.None, Browser.Program)]
    public async Task It_needs_no_script_and_prints_what_is_folded()
    {
        using var scratch = new Scratch("report");
        await using WatchedPage page = await browser.OpenAsync(new() { JavaScriptEnabled = false });
        await page.Page.GotoAsync(Written(scratch, files: 5000));
        ILocator files = page.Page.Locator("pre").Last;
        Assert.Equal(0, await HeightAsync(files));
        await page.Page.Locator("summary").Last.ClickAsync();
        Assert.True(await HeightAsync(files) > 0);
        await page.Page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await HeightAsync(page.Page.Locator("pre").First) > 0);
    }

    [RootFact(Needs.None, Browser.Program)]
    public async Task A_million_paths_open()
    {
        const int files = 1_000_000;
        using var scratch = new Scratch("report");
        await using WatchedPage page = await browser.OpenAsync();
        await page.Page.GotoAsync(Written(scratch, files));
        // Names are there once, and what is folded opens.
        Assert.Equal(files, await page.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('pre')].reduce((n, at) => n + at.textContent.split('\\n').length - 1, 0)"));
        ILocator last = page.Page.Locator("pre").Last;
        Assert.Equal(0, await HeightAsync(last));
        await page.Page.Locator("summary").Last.ClickAsync();
        Assert.True(await HeightAsync(last) > 0);
    }

    private static async Task<float> HeightAsync(ILocator at) => (await at.BoundingBoxAsync())?.Height ?? 0;

    /// <returns>Its address.</returns>
    private static string Written(Scratch scratch, int files)
    {
        var random = new Random(files);
        MapPiece[] pieces = [.. Enumerable.Range(0, files).Select(i => new MapPiece(
            new(random.NextInt64(Length) & ~4095, 4096), (MapContent)(i % 4)))];
        var document = new ReportDocument
        {
            Title = "What /dev/sdb lost", Made = DateTimeOffset.UnixEpoch, Program = "holdfast",
            Sections =
            [
                new()
                {
                    Target = "/dev/sdb", Subject = "XFS \"archive\"", Length = Length, Pieces = pieces,
                    OwnersOf = _ => "bmbt of accounts.db; free space",
                    Verdict =
                    [
                        new($"{files} files are damaged.", ReportTone.Bad), new("Metadata is hit.", ReportTone.Warning),
                        new("Nothing else.", ReportTone.Good), new("And so on."),
                    ],
                    Worst = new("The worst", [new("4.0 KiB", "a file") { Aside = "3 %", Lines = ["bytes 1–2"] }]),
                    Files = [.. Enumerable.Range(0, files).Select(i => new DamagedFile(
                        PathName.FromText($"home/user{i % 40}/folder-{i % 2000}/document-{i}.odt"), 4096, 0.1))],
                    Groups =
                    [
                        new(
                            "Metadata",
                            [new("512 B", "agf") { Tone = ReportTone.Warning, Aside = "at byte 1", Lines = ["Gone."] }],
                            "… and 3 more"),
                        new("Not known", [new("", "the log") { Tone = ReportTone.Bad }]),
                    ],
                },
            ],
        };
        string file = scratch.PathOf("report.html");
        using (FileStream stream = File.Create(file)) ReportWriter.Write(stream, document);
        return $"file://{file}";
    }
}
