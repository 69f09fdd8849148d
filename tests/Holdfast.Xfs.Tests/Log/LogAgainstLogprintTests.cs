// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>
/// Logs of V4 filesystems, which newer kernels do not mount: xfs_logprint finds their ends as kernels did before there
/// were checksums, so only whole logs can be compared.
/// </summary>
public sealed partial class LogAgainstLogprintTests
{
    [RootTheory(Needs.Xfsprogs, "xfs_logprint")]
    [InlineData(1)]
    [InlineData(2)]
    public void The_ends_of_a_V4_log_are_those_that_logprint_prints(uint version)
    {
        using var scratch = new Scratch("v4-log");
        string image = scratch.SparseFile("data.img", 320L << 20);
        string[] arguments = ["-m", $"crc=0,uuid={LogWriter.Uuid}", "-l", $"size=10m,version={version}"];
        XfsPrograms.System.MakeFilesystem(image, ["--unsupported", .. arguments]);
        Same(image, "as made");
        LogPlace place = LogImage.PlaceOf(new(image));
        Assert.Equal(version == 2, place.IsVersion2);
        int dirty = 0;
        for (int seed = 0; seed < 25; seed++)
        {
            LogWriter log = CraftedLog.MakeWhole(new Random(seed), (int)place.Blocks, version);
            using (FileStream file = File.OpenWrite(image))
            {
                file.Position = place.Offset;
                file.Write(log.Bytes);
            }

            LogStateKind kind = Same(image, $"seed {seed}, head {log.Head}, tail {log.Tail}");
            if (kind == LogStateKind.Dirty) dirty++;
        }

        Assert.InRange(dirty, 1, 24);
    }

    private static LogStateKind Same(string image, string what)
    {
        LogState state = LogImage.FindState(new(image));
        // It goes on to print what it takes for transactions: how that ends does not matter.
        string said = ProgramRun.Start("xfs_logprint", null, "-t", image).Text;
        Match ends = Ends().Match(said);
        Assert.True(ends.Success, $"{what}: {said}");
        string ours = $"{state.Tail.Block} {state.Head.Block} {state.Kind.ToString().ToUpperInvariant()}";
        Assert.Equal((what, $"{Number(ends, 1)} {Number(ends, 2)} {ends.Groups[3].Value}"), (what, ours));
        return state.Kind;
    }

    private static long Number(Match match, int group) =>
        long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"log tail: (\d+) head: (\d+) state: <(\w+)>")]
    private static partial Regex Ends();
}
