// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Spectre.Console;

namespace Holdfast.Cli.Output;

/// <summary>For a terminal: colours where it has them and nobody said NO_COLOR, lines wrapped to its width.</summary>
internal sealed class TerminalPage : IPage
{
    private readonly StreamWriter _writer;
    private readonly IAnsiConsole _console;

    public TerminalPage(Stream stream, int width, bool hasColor)
    {
        _writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        _console = AnsiConsole.Create(new()
        {
            Ansi = hasColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new() { UseDefaultEnrichers = false },
            Out = new FixedOutput(_writer, width),
        });
    }

    public void Line(Styled[] lead, params Styled[] body)
    {
        // An empty cell has no height.
        if (lead.Length == 0 && body.Length == 0)
        {
            _console.WriteLine();
            return;
        }

        int leadWidth = lead.Sum(p => p.Text.Length);
        var grid = new Grid();
        var none = new Padding(0, 0, 0, 0);
        if (leadWidth > 0) grid.AddColumn(new GridColumn { Width = leadWidth, NoWrap = true, Padding = none });
        grid.AddColumn(new GridColumn { Padding = none });
        grid.AddRow(leadWidth > 0 ? [Of(lead), Of(body)] : [Of(body)]);
        _console.Write(grid);
    }

    public void Dispose() => _writer.Dispose();

    private static Paragraph Of(Styled[] parts)
    {
        var paragraph = new Paragraph { Overflow = Overflow.Fold };
        foreach (Styled part in parts) paragraph.Append(part.Text, StyleOf(part.Tone));
        return paragraph;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Heading => new(decoration: Decoration.Bold),
        Tone.Quiet => new(Color.Grey),
        Tone.Good => new(Color.Green),
        Tone.Warning => new(Color.Yellow),
        Tone.Bad => new(Color.Red, decoration: Decoration.Bold),
        _ => Style.Plain,
    };

    /// <summary>The size is known: to ask the console for it would cost more than the report.</summary>
    private sealed class FixedOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
