// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Running;

/// <summary>Reads that fail, and what a daemon that hears of them has to say.</summary>
internal static class MediaErrorScene
{
    internal const int Page = 4096;

    internal static void Read(string path, long block, int size = Page)
    {
        ProgramRun run = ProgramRun.Start(
            "dd", null, $"if={path}", "of=/dev/null", $"bs={size}", $"skip={block}", "count=1", "iflag=direct");
        Assert.NotEqual(0, run.ExitStatus);
    }

    /// <summary>The open failures of some images: the kernel tells of those of other tests as well.</summary>
    internal static Task<JsonElement[]> OpenAsync(Api api, params string[] images) =>
        ItemsAsync(api, "/v1/failures?state=open", images);

    internal static Task FactsAsync(Api api, string image, ByteRange range, string medium, string content) =>
        Until.TrueAsync(async () => (await OpenAsync(api, image)).Any(at =>
            at.GetProperty("offset").GetInt64() == range.Offset && at.GetProperty("length").GetInt64() == range.Length
            && at.GetProperty("medium").GetString() == medium && at.GetProperty("content").GetString() == content));

    internal static Task<JsonElement[]> NoticesAsync(Api api, params string[] images) =>
        ItemsAsync(api, "/v1/parties/me/notices", images);

    private static async Task<JsonElement[]> ItemsAsync(Api api, string path, string[] images) =>
    [
        .. (await api.DoAsync("GET", $"{path}{(path.Contains('?') ? '&' : '?')}limit=1000"))
            .GetProperty("items").EnumerateArray()
            .Where(at => images.Any(image => at.GetProperty("device").GetProperty("identity").GetString()!.StartsWith(
                $"path:{image}", StringComparison.Ordinal))),
    ];
}
