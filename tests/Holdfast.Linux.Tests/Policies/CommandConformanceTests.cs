// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Linux.Policies;
using Holdfast.Testing;
using Holdfast.Testing.Policies;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>"command" as every policy, with real programs.</summary>
public sealed class CommandConformanceTests : OnceConformance, IDisposable
{
    private readonly Scratch _scratch = new("command");

    protected override IPolicy Policy { get; } = new CommandPolicy();

    protected override Rule Rule => Script("keep", "exit 0");

    protected override Rule? EndlessRule => Script("endless", "exec sleep 1000");

    protected override IReadOnlyList<Rule> BrokenRules =>
    [
        Script("refused", "exit 1"), Script("as no program", "exit 127"), Script("crashed", "kill -SEGV $$"),
        Script("killed", "kill -KILL $$"),
    ];

    protected override IReadOnlyList<Rule> ImpossibleRules =>
    [
        Rule with { Command = ["/no/such/program"] }, Rule with { User = "who-is-this" },
        Rule with { Command = ["/bin/true", "{path}", new string('x', 200_000)] },
    ];

    public void Dispose() => _scratch.Dispose();

    protected override async Task BegunAsync()
    {
        while (Effects().Count == 0) await Task.Delay(5);
    }

    /// <summary>A file each, whole or not at all: the key, and behind it what came on standard input.</summary>
    protected override IReadOnlyList<PolicyEffect> Effects() =>
    [
        .. Directory.EnumerateFiles(_scratch.Folder, "*.effect").Select(File.ReadAllText)
            .Select(text => text.Split('\n', 2)).Select(parts => new PolicyEffect(parts[0], parts[1])),
    ];

    private Rule Script(string name, string end) => new()
    {
        Name = name, When = new(), Policy = "command", User = Environment.UserName,
        Command =
        [
            "/bin/sh", "-c", "{ printf '%s\\n' \"$HOLDFAST_KEY\"; cat; } >\"$1/$$\" && mv \"$1/$$\" \"$1/$$.effect\"; "
                + end, "sh", _scratch.Folder, "{path}",
        ],
    };
}
