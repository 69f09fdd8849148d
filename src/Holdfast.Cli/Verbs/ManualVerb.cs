// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Output;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast manual: writes the pages for man(1). Of those who package it, and in no help.</summary>
internal sealed class ManualVerb : IVerb
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Where the pages are written" };

    public string Name => "manual";

    public string Description => "Write the pages for man(1) into a folder";

    public IReadOnlyList<Example> Examples => [new("holdfast manual man1", "One page for each command")];

    public void AddTo(Command command) => command.Arguments.Add(_folder);

    public ExitBits Run(ParseResult parsed)
    {
        string folder = parsed.GetValue(_folder)!;
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "holdfast.1"), Root());
            foreach (IVerb verb in VerbList.All)
            {
                File.WriteAllText(Path.Combine(folder, $"holdfast-{verb.Name}.1"), PageOf(verb));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{folder}: {e.Message}");
        }

        return ExitBits.None;
    }

    private static string Version => typeof(ManualVerb).Assembly.GetName().Version?.ToString(3) ?? "";

    private static string Root()
    {
        var page = ManualPage.Begin("holdfast", "name what bad ranges of a device broke", Version);
        page.Section("Synopsis");
        page.Paragraph("holdfast COMMAND …");
        page.Section("Description");
        page.Paragraph(
            "When storage loses a range of bytes, Holdfast says what broke, who must know, and makes sure they were "
            + "told. It is given a device, an image or a mount point and bad ranges: a ddrescue mapfile, a kernel "
            + "error, a scan. Of a mounted filesystem the kernel is asked; of an unmounted or crashed one XFS itself "
            + "is read, its log recovered in memory. A device that is examined is never written to.");
        page.Section("Commands");
        foreach (IVerb verb in VerbList.All) page.Tagged($"\\fBholdfast\\-{verb.Name}\\fR(1)", verb.Description);
        WriteStatus(page, null);
        page.Section("Examples");
        foreach (Example example in VerbList.RootExamples) page.Example(example);
        page.SeeAlso([.. VerbList.All.Select(verb => $"holdfast-{verb.Name}(1)"), "holdfastd(8)", "xfs(5)"]);
        return page.ToString();
    }

    private static string PageOf(IVerb verb)
    {
        var page = ManualPage.Begin($"holdfast-{verb.Name}", verb.Description, Version);
        (string Words, Command Command, IVerb Verb)[] commands = verb is VerbGroup group
            ? [.. group.Verbs.Select(at => ($"holdfast {verb.Name} {at.Name}", Program.CommandOf(at), at))]
            : [($"holdfast {verb.Name}", Program.CommandOf(verb), verb)];
        page.Section("Synopsis");
        foreach ((string words, Command command, _) in commands) page.Synopsis(words, command);
        page.Section("Description");
        foreach ((string words, Command command, IVerb one) in commands)
        {
            if (one != verb) page.Heading(words);
            page.Paragraph(one.Description + ".");
            page.Parts(command);
        }

        WriteStatus(page, commands[0].Verb);
        page.Section("Examples");
        foreach (Example example in verb.Examples) page.Example(example);
        page.SeeAlso(["holdfast(1)", "holdfastd(8)"]);
        return page.ToString();
    }

    private static void WriteStatus(ManualPage page, IVerb? verb)
    {
        page.Section("Exit status");
        page.Paragraph(string.Join(' ', ExampleHelp.StatusOf(verb)));
    }
}
