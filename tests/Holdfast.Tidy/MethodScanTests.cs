// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Tidy;

public sealed class MethodScanTests
{
    [Theory]
    [InlineData("    public void Method(\n        int a)", 4)]
    [InlineData("    private static int Method() // struct ", 4)]
    public void A_long_method_is_found(string declaration, int indent) =>
        Assert.NotNull(MethodScan.Over(Source(declaration, indent, 71), 70));

    [Theory]
    [InlineData("    public void Method()", 70)]
    [InlineData("    private sealed class Nested(int a)", 100)]
    [InlineData("    public readonly ref struct Nested", 100)]
    public void A_method_of_70_lines_and_a_long_type_are_not(string declaration, int body) =>
        Assert.Null(MethodScan.Over(Source(declaration, 4, body), 70));

    [Fact]
    public void A_long_method_in_a_nested_type_is_found()
    {
        string[] inner = [.. Source("        public void Method()", 8, 71)[2..^1]];
        Assert.NotNull(MethodScan.Over(["class Outer", "{", "    struct Nested", "    {", .. inner, "    }", "}"], 70));
    }

    private static string[] Source(string declaration, int indent, int body)
    {
        string margin = new(' ', indent);
        IEnumerable<string> lines = Enumerable.Repeat(margin + "    call();", body);
        return ["class Outer", "{", .. declaration.Split('\n'), margin + "{", .. lines, margin + "}", "}"];
    }
}
