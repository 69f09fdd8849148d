// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;
using Microsoft.Playwright;

namespace Holdfast.Browser.Tests;

/// <summary>The system's Chromium, without a window, for the tests of a class.</summary>
public sealed class Browser : IAsyncLifetime
{
    public const string Program = "chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (Requirement.WhySkip(Needs.None, Program) is not null) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            // As root, which tests that mount are, it starts only without its sandbox.
            ExecutablePath = ProgramRun.Require("sh", "-c", $"command -v {Program}").Text.Trim(),
            Args = ["--no-sandbox"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page of its own, which fails its test if anything is said on the console.</summary>
    internal async Task<WatchedPage> OpenAsync(BrowserNewContextOptions? options = null) =>
        new(await (await _browser!.NewContextAsync(options ?? new())).NewPageAsync());
}
