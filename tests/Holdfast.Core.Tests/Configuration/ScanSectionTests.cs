// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Configuration;

namespace Holdfast.Core.Tests.Configuration;

/// <summary>"scans" in the configuration: what it may say, what it is told, and the hours of a day.</summary>
public sealed class ScanSectionTests
{
    [Fact]
    public void Every_key_is_read_and_the_rest_is_as_documented()
    {
        DaemonConfiguration read = Read("""
            {"scans": [
              {"name": "a", "device": "wwn:0x5", "every_days": 7, "allocated": true, "max_bytes_per_s": 1000000,
               "max_latency_ms": 20, "window": "22:30-06:00"},
              {"name": "b", "device": "/dev/vg/home"}]}
            """, out IReadOnlyList<ConfigurationFault> faults)!;
        Assert.Empty(faults);
        Assert.Equal(
            new("a", "wwn:0x5")
            {
                Every = TimeSpan.FromDays(7), IsAllocated = true, RateMax = 1_000_000,
                LatencyMax = TimeSpan.FromMilliseconds(20), Window = new(new(22, 30), new(6, 0)),
            },
            read.Scans[0]);
        Assert.Equal(new("b", "/dev/vg/home") { Every = TimeSpan.FromDays(30) }, read.Scans[1]);
        Assert.Empty(Read("{}", out _)!.Scans);
    }

    [Theory]
    [InlineData("{\"device\": \"/a\"}", "scans[0] needs a name")]
    [InlineData("{\"name\": \"a\"}", "scans[0] needs a device")]
    [InlineData("{\"name\": \"a\", \"device\": \"sdb\"}", "an absolute path, or an identity")]
    [InlineData("{\"name\": \"../a\", \"device\": \"/a\"}", "may have letters, digits")]
    [InlineData(
        "{\"name\": \"a\", \"device\": \"/a\"}, {\"name\": \"a\", \"device\": \"/b\"}",
        "scans[1].name: a is taken by line 1")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\"}, {\"name\": \"b\", \"device\": \"/a\"}", "scans[1].device")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"every_days\": 0}", "from 1 to 366")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"max_bytes_per_s\": 1}", "max_bytes_per_s must be")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"max_latency_ms\": 0}", "max_latency_ms must be")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"window\": \"night\"}", "as in \"22:00-06:00\"")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"window\": \"24:00-06:00\"}", "as in \"22:00-06:00\"")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"window\": \"06:00-06:00\"}", "as in \"22:00-06:00\"")]
    [InlineData("{\"name\": \"a\", \"device\": \"/a\", \"evry_days\": 3}", "did you mean every_days?")]
    public void What_is_wrong_is_told(string scans, string part)
    {
        Assert.Null(Read($"{{\"scans\": [{scans}]}}", out IReadOnlyList<ConfigurationFault> faults));
        Assert.Contains(part, Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("21:59", 1)]
    [InlineData("22:00", 0)]
    [InlineData("00:00", 0)]
    [InlineData("05:59", 0)]
    [InlineData("06:00", 16 * 60)]
    public void Hours_may_go_over_midnight(string time, int minutes) => Assert.Equal(
        TimeSpan.FromMinutes(minutes), new DailyWindow(new(22, 0), new(6, 0)).Until(TimeOnly.Parse(time)));

    private static DaemonConfiguration? Read(string text, out IReadOnlyList<ConfigurationFault> faults) =>
        ConfigurationReader.Read(Encoding.UTF8.GetBytes(text), out faults);
}
