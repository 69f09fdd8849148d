// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>All verbs, by name and in the order of the help.</summary>
internal static class VerbList
{
    private static readonly string[] Names =
    [
        "locate", "map", "info", "inode", "block", "domain", "scan", "stack", "freeze", "log", "ls", "cat", "report",
        "failures", "holders", "parties", "watch", "scans", "replay", "status", "disarm", "policy", "ledger",
        "completion",
    ];

    public static IEnumerable<IVerb> All => Names.Select(n => Find(n)!);

    public static IReadOnlyList<Example> RootExamples =>
    [
        new("holdfast locate rescued.img --mapfile rescue.map", "What a ddrescue run could not save"),
        new("holdfast locate --help", "More on one of the commands"),
    ];

    public static IVerb? Find(string name) => name switch
    {
        "locate" => new LocateVerb(),
        "map" => new MapVerb(),
        "info" => new InfoVerb(),
        "inode" => new InodeVerb(),
        "block" => new BlockVerb(),
        "domain" => new DomainVerb(),
        "scan" => new ScanVerb(),
        "stack" => new StackVerb(),
        "freeze" => new FreezeVerb(),
        "log" => new LogVerb(),
        "ls" => new LsVerb(),
        "cat" => new CatVerb(),
        "report" => new ReportVerb(),
        "failures" => new FailuresGroup(),
        "holders" => new HoldersGroup(),
        "parties" => new PartiesVerb(),
        "watch" => new WatchVerb(),
        "scans" => new ScansVerb(),
        "replay" => new ReplayVerb(),
        "status" => new StatusVerb(),
        "disarm" => new DisarmVerb(),
        "policy" => new PolicyGroup(),
        "ledger" => new LedgerGroup(),
        "completion" => new CompletionVerb(),
        "manual" => new ManualVerb(),
        _ => null,
    };
}
