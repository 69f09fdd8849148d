// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Bench.Measures;

/// <summary>Many runs of one command.</summary>
/// <param name="Mean">Seconds of the whole process.</param>
/// <param name="Deviation">Seconds; 0 for a single run.</param>
/// <param name="Least">Seconds: on a machine that does other work too, the run that was disturbed least.</param>
/// <param name="PeakBytes">The greatest resident set of any run; 0 where it was not asked for.</param>
internal sealed record Timing(double Mean, double Deviation, double Least, int Runs, long PeakBytes)
{
    public static Timing Of(IReadOnlyList<double> seconds, long peakBytes)
    {
        double mean = seconds.Average();
        double squares = seconds.Sum(s => (s - mean) * (s - mean));
        double deviation = seconds.Count > 1 ? Math.Sqrt(squares / (seconds.Count - 1)) : 0;
        return new(mean, deviation, seconds.Min(), seconds.Count, peakBytes);
    }
}
