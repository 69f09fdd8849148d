// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using System.Text.Json;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

public sealed class MapCommandTests
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "map.schema.json"));

    [Fact]
    public void Every_line_fits_the_schema_and_lines_leave_no_byte_out()
    {
        OracleImage image = OracleImage.Bundled("newest");
        ProgramRun run = Command.Run("map", image.Images.Data, "--json");
        Assert.Equal(0, run.ExitStatus);
        long next = 0;
        int count = 0;
        foreach (string line in run.Lines())
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            Assert.Empty(Schema.Check(row));
            count++;
            if (row.GetProperty("device").GetString() != "data") continue;
            // Rows that share blocks begin before the one before them ends, never after.
            Assert.True(row.GetProperty("physical").GetInt64() <= next, line);
            next = Math.Max(next, row.GetProperty("physical").GetInt64() + row.GetProperty("length").GetInt64());
        }

        Assert.True(count > 1000);
        Assert.Equal(96L << 20, next);
    }

    [Fact]
    public void The_lines_are_the_kernel_s_rows()
    {
        OracleImage image = OracleImage.Bundled("newest");
        string[] lines = Command.Run("map", image.Images.Data, "--json").Lines();
        Assert.Equal(image.Fsmap, lines.Select(l => RowOf(JsonDocument.Parse(l).RootElement)));
    }

    internal static FsmapRow RowOf(JsonElement json)
    {
        string owner = json.GetProperty("owner").GetString()!;
        var row = new FsmapRow(
            Assert.Single(Enum.GetValues<DeviceRole>(), d =>
                ImpactWords.Of(d) == json.GetProperty("device").GetString()),
            json.GetProperty("physical").GetInt64(),
            json.GetProperty("length").GetInt64(),
            Assert.Single(Enum.GetValues<OwnerKind>(), o => ImpactWords.Of(o) == owner));
        if (owner != "inode") return row;
        return row with
        {
            Inode = json.GetProperty("inode").GetUInt64(),
            Fork = json.GetProperty("fork").GetString() == "attr" ? ForkKind.Attribute : ForkKind.Data,
            Offset = json.TryGetProperty("offset", out JsonElement offset) ? offset.GetInt64() : 0,
            Unwritten = json.GetProperty("unwritten").GetBoolean(),
            Shared = json.GetProperty("shared").GetBoolean(),
            BlockMap = json.GetProperty("block_map").GetBoolean(),
        };
    }

    [Fact]
    public void Columns_have_a_row_for_each_line_and_a_heading()
    {
        string image = OracleImage.Bundled("newest").Images.Data;
        string[] columns = Command.Run("map", image).Lines();
        Assert.Equal(Command.Run("map", image, "--json").Lines().Length + 1, columns.Length);
        Assert.Equal("            byte          length  owner", columns[0]);
    }

    [Fact]
    public void The_built_map_has_the_same_lines()
    {
        string image = OracleImage.Bundled("newest").Images.Data;
        Assert.Equal(Command.Run("map", image).Text, Command.Run("map", image, "--no-rmapbt").Text);
    }
}
