// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing.Oracle;

namespace Holdfast.Cli.Tests.Commands;

public sealed class StartupTests
{
    private const int RunsMax = 60;

    /// <summary>
    /// The whole process, from the script to the answer. The best of many runs: the others had to wait for the tests
    /// that run beside this one.
    /// </summary>
    [Fact]
    public void Locate_on_a_small_image_answers_within_120_milliseconds()
    {
        string image = OracleImage.Bundled("newest").Images.Data;
        double best = double.MaxValue;
        for (int i = 0; i < RunsMax && best >= 120; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Command.Run("locate", image, "--range", "16M+4K");
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Assert.InRange(best, 0, 120);
    }
}
