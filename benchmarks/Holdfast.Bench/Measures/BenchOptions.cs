// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Bench.Measures;

/// <summary>What ./bench hands on. Every option is "--name value".</summary>
/// <param name="Command">The command under test.</param>
/// <param name="Runs">Of ours with a warm cache; the others follow from it.</param>
/// <param name="Tiny">Stem of the small image for start-up.</param>
/// <param name="Contiguous">A file as long as the metadata, for dd; empty for none.</param>
/// <param name="Stems">Images with their surveys: paths without an ending, named by variant.</param>
internal sealed record BenchOptions(
    string Command, int Runs, bool Cold, bool Firm, string XfsDb, string XfsRepair, string Tiny, string Contiguous,
    string Json, IReadOnlyList<(string Variant, string Stem)> Stems)
{
    public static BenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var values = new Dictionary<string, string>();
        var stems = new List<(string, string)>();
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            if (arguments[i] != "--image") values[arguments[i]] = arguments[i + 1];
            else if (arguments[i + 1].Split('=', 2) is [string variant, string stem]) stems.Add((variant, stem));
        }

        return new(
            values["--command"], int.Parse(values["--runs"], CultureInfo.InvariantCulture), values["--cold"] == "yes",
            values["--firm"] == "yes", values["--xfs-db"], values["--xfs-repair"], values["--tiny"],
            values.GetValueOrDefault("--contiguous", ""), values["--json"], stems);
    }
}
