// SPDX-License-Identifier: Apache-2.0
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Holdfast.Browser.Tests;

/// <summary>A page whose console is listened to.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly List<string> _said = [];

    internal WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) => _said.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _said.Add(error);
        page.RequestFailed += (_, request) => _said.Add($"{request.Url}: {request.Failure}");
    }

    internal IPage Page { get; }

    /// <summary>Nothing serious that axe-core finds, and nothing that is wider than the window.</summary>
    internal async Task CheckAsync()
    {
        AxeResult result = await Page.RunAxe();
        Assert.Empty(result.Violations
            .Where(at => at.Impact is "serious" or "critical")
            .Select(at => $"{at.Id}: {at.Help}: {string.Join("; ", at.Nodes.Select(node => node.Html))}"));
        Assert.True(await Page.EvaluateAsync<bool>(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        Assert.Empty(_said);
    }
}
