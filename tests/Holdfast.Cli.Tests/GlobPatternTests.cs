// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Cli.Input;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Tests;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*.jpg", "a.jpg", true)]
    [InlineData("*.jpg", "photos/2024/a.jpg", true)]
    [InlineData("*.jpg", "a.jpg/b", false)]
    [InlineData("a?c", "x/abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("photos/*", "photos/a.jpg", true)]
    [InlineData("photos/*", "photos/2024/a.jpg", false)]
    [InlineData("photos/**", "photos/2024/a.jpg", true)]
    [InlineData("photos/?2024", "photos//2024", false)]
    [InlineData("**/a.jpg", "a.jpg", true)]
    [InlineData("**/a.jpg", "x/y/a.jpg", true)]
    [InlineData("x/**/a.jpg", "x/a.jpg", true)]
    [InlineData("x/**/a.jpg", "x/y/z/a.jpg", true)]
    [InlineData("x/**/a.jpg", "xa.jpg", false)]
    [InlineData("/etc/passwd", "etc/passwd", true)]
    [InlineData("etc/passwd", "usr/etc/passwd", false)]
    [InlineData("*", "", true)]
    [InlineData("a*b*c", "aXbXbXc", true)]
    [InlineData("a*b*c", "aXbXbX", false)]
    [InlineData("x/a*/**/*.c", "x/ab/q/r/s.c", true)]
    [InlineData("x/a*/**/*.c", "x/b/q/r/s.c", false)]
    public void A_pattern_matches_paths(string pattern, string path, bool wanted) =>
        Assert.Equal(wanted, new GlobPattern(pattern).IsMatch(PathName.FromText(path)));

    [Fact]
    public void A_hostile_pattern_takes_no_exponential_time()
    {
        var pattern = new GlobPattern(string.Concat(Enumerable.Repeat("**a*", 25)) + "b");
        long start = Stopwatch.GetTimestamp();
        Assert.False(pattern.IsMatch(PathName.FromText(new string('a', 4000))));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
    }
}
