// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;

namespace Holdfast.Cli.Images;

/// <summary>What was found in the images that lie in one filesystem.</summary>
internal sealed class ImageFindings
{
    private const int NamesShownMax = 3;

    private readonly List<string> _headless = [];
    private readonly Dictionary<string, List<string>> _leftOut = [];

    public List<ImageReport> Images { get; } = [];

    /// <summary>Images, or what looks like one, that could not be looked into.</summary>
    public List<string> Gaps { get; } = [];

    public List<string> Notes { get; } = [];

    /// <summary>A file whose first bytes are lost, and with them what it is.</summary>
    public void AddHeadless(string name) => _headless.Add(name);

    /// <summary>An image, or what may be one, that is not looked into; for one reason there may be many.</summary>
    public void AddLeftOut(string name, string why)
    {
        if (!_leftOut.TryGetValue(why, out List<string>? names)) _leftOut[why] = names = [];
        names.Add(name);
    }

    public LocateReport AddTo(LocateReport report) => report with
    {
        Images = Images,
        Gaps = [.. report.Gaps, .. Gaps, .. LeftOutGaps(), .. HeadlessGap()],
        Notes = [.. report.Notes, .. Notes],
    };

    private IEnumerable<string> LeftOutGaps() => _leftOut.Select(at =>
        $"{Names(at.Value)} {(at.Value.Count == 1 ? "was" : "were")} not looked into: {at.Key}");

    private IEnumerable<string> HeadlessGap()
    {
        if (_headless.Count == 0) yield break;
        string what = _headless.Count == 1 ? "is an image cannot be told: its" : "are images cannot be told: their";
        yield return $"whether {Names(_headless)} {what} first bytes are lost";
    }

    private static string Names(List<string> names) => string.Join(", ", names.Take(NamesShownMax))
        + (names.Count > NamesShownMax ? $" and {names.Count - NamesShownMax} more" : "");
}
