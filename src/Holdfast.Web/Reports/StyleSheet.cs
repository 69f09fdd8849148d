// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Web.Reports;

/// <summary>The one style sheet of page and report.</summary>
internal static class StyleSheet
{
    internal static string Text { get; } = Read();

    private static string Read()
    {
        using Stream stream = typeof(StyleSheet).Assembly.GetManifestResourceStream("holdfast.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
