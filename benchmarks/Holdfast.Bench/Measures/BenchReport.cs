// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Measures;

/// <summary>All that one run of ./bench found, for programs.</summary>
/// <param name="Load">Of the machine, before and after: other work makes everything slower.</param>
internal sealed record BenchReport(
    string Processor, int Processors, string Kernel, string Peer, string[] Load, IReadOnlyList<Row> Rows,
    IReadOnlyList<string> Disagreements)
{
    public static string LoadNow() => File.ReadAllText("/proc/loadavg").Trim();

    public static BenchReport Of(BenchOptions options, Bench bench, string loadBefore)
    {
        string? model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return new(
            model?.Split(':')[^1].Trim() ?? "", Environment.ProcessorCount, Environment.OSVersion.Version.ToString(),
            Stopwatches.Output($"{options.XfsDb} -V").Trim(), [loadBefore, LoadNow()], bench.Rows, bench.Disagreements);
    }

    public void Save(string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(this, BenchReportJson.Default.BenchReport));
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchReportJson : JsonSerializerContext;
