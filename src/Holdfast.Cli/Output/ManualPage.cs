// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;
using Holdfast.Cli.Verbs;

namespace Holdfast.Cli.Output;

/// <summary>A page for man(1), in the macros of man(7), from what the command itself says of a verb.</summary>
internal sealed class ManualPage
{
    private readonly StringBuilder _text = new();

    private ManualPage()
    {
    }

    /// <param name="name">"holdfast-locate".</param>
    /// <param name="description">One line, as apropos(1) shows it.</param>
    public static ManualPage Begin(string name, string description, string version)
    {
        var page = new ManualPage();
        page.Macro($".TH \"{Escaped(name.ToUpperInvariant())}\" 1 \"\" \"holdfast {Escaped(version)}\" \"Holdfast\"");
        page.Section("Name");
        page._text.Append($"{Escaped(name)} \\- {Escaped(description)}\n");
        return page;
    }

    public void Section(string name) => Macro($".SH {name.ToUpperInvariant()}");

    /// <summary>A heading within a section.</summary>
    public void Heading(string name) => Macro($".SS \"{Escaped(name)}\"");

    /// <summary>How a command is written down.</summary>
    /// <param name="words">As they are typed: "holdfast failures list".</param>
    public void Synopsis(string words, Command command)
    {
        Macro($".SY \"{Escaped(words)}\"");
        if (command.Options.Any(option => !option.Hidden)) Line("[\\fIoptions\\fR]");
        foreach (Argument argument in command.Arguments)
        {
            bool isMany = argument.Arity.MaximumNumberOfValues > 1;
            string value = $"\\fI{Escaped(argument.Name)}\\fR{(isMany ? "\\ .\\|.\\|." : "")}";
            Line(argument.Arity.MinimumNumberOfValues == 0 ? $"[{value}]" : value);
        }

        Macro(".YS");
    }

    /// <summary>Arguments and options of a command, each with what it means.</summary>
    public void Parts(Command command)
    {
        foreach (Argument argument in command.Arguments)
        {
            Tagged($"\\fI{Escaped(argument.Name)}\\fR", argument.Description ?? "");
        }

        foreach (Option option in command.Options.Where(option => !option.Hidden))
        {
            IEnumerable<string> names = option.Aliases.Append(option.Name).Order(StringComparer.Ordinal);
            string value = ValueOf(option);
            Tagged(
                string.Join(", ", names.Select(name => $"\\fB{Escaped(name)}\\fR"))
                    + (value.Length > 0 ? $" \\fI{Escaped(value)}\\fR" : ""),
                option.Description ?? "");
        }
    }

    public void Paragraph(string text)
    {
        Macro(".PP");
        Line(Escaped(text));
    }

    public void Tagged(string tag, string text)
    {
        Macro(".TP");
        Line(tag);
        Line(Escaped(text));
    }

    /// <summary>As it is, line by line.</summary>
    public void Example(Example example)
    {
        Paragraph(example.Purpose + ":");
        Macro(".PP");
        Macro(".EX");
        foreach (string line in example.Text.Split('\n')) Line("    " + Escaped(line));
        Macro(".EE");
    }

    public void SeeAlso(IEnumerable<string> pages)
    {
        Section("See also");
        Line(string.Join(",\n", pages.Select(page => $"\\fB{Escaped(page[..^3])}\\fR{page[^3..]}")));
    }

    public override string ToString() => _text.ToString();

    private static string ValueOf(Option option)
    {
        if (option.ValueType == typeof(bool)) return "";
        if (option.HelpName is { } name) return name;
        return string.Join('|', option.GetCompletions(CompletionContext.Empty).Select(at => at.Label).Order());
    }

    private void Macro(string line) => _text.Append(line).Append('\n');

    /// <summary>A point or an apostrophe at its begin would make it a macro.</summary>
    private void Line(string escaped)
    {
        if (escaped.Length == 0) return;
        _text.Append(escaped[0] is '.' or '\'' ? "\\&" : "").Append(escaped).Append('\n');
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '\\' => "\\e",
                '-' => "\\-",
                '"' => "\\(dq",
                '~' => "\\(ti",
                '^' => "\\(ha",
                '`' => "\\(ga",
                '\'' => "\\(aq",
                > 0x7e => $"\\[u{rune.Value:X4}]",
                _ => rune.ToString(),
            });
        }

        return escaped.ToString();
    }
}
