// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Configuration;

/// <summary>
/// Reads the daemon's configuration. All that is wrong with it is told at once, each with its line: a key that means
/// nothing is an error, for a rule that is mistyped must not be a rule that never fires.
/// </summary>
public sealed class ConfigurationReader
{
    private const int SecondsMax = 366 * 24 * 3600;
    private const int PartiesMax = 256;
    private const int RulesMax = 1024;
    private const int FaultsMax = 100;
    private const int ArgumentsMax = 256;

    private static readonly string[] Media = ["suspect", "confirmed", "readable", "gone"];
    private static readonly string[] Contents = ["lost", "unknown", "rewritten", "restored", "dismissed"];
    private static readonly string[] Severities = ["harmless", "metadata", "file_data"];
    private static readonly string[] Owners =
    [
        "inode", "free", "filesystem", "log", "ag", "inode_btree", "inodes", "refcount_btree", "cow_staging", "outside",
        "unknown",
    ];

    private readonly List<ConfigurationFault> _faults = [];

    private ConfigurationReader()
    {
    }

    /// <returns>Null where there is any fault.</returns>
    public static DaemonConfiguration? Read(ReadOnlySpan<byte> text, out IReadOnlyList<ConfigurationFault> faults)
    {
        var reader = new ConfigurationReader();
        DaemonConfiguration configuration = reader.ReadAll(text);
        List<ConfigurationFault> found =
            [.. reader._faults.Distinct().OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)];
        int more = found.Count - FaultsMax;
        if (more > 0) found = [.. found.Take(FaultsMax), new(0, 0, $"and {more} more")];
        faults = found;
        return found.Count == 0 ? configuration : null;
    }

    private DaemonConfiguration ReadAll(ReadOnlySpan<byte> text)
    {
        ConfigurationNode? root = ConfigurationParser.Parse(text, out ConfigurationFault? fault);
        if (fault is not null) _faults.Add(fault);
        if (root is null) return new();
        var at = new NodeReader(root, "", _faults);
        DaemonConfiguration places = SectionReader.Read(at);
        ActingLimits acting = ActingOf(at.Object("acting"));
        List<ConfiguredParty> parties = PartiesOf(at);
        List<Rule> rules = RulesOf(at, parties);
        DaemonConfiguration configuration = places with
        {
            OtlpEndpoint = OtlpOf(at.Object("otlp")),
            Scans = ScanSection.Read(at, _faults),
            Parties = parties,
            Acting = acting,
            Rules = new(rules, HashOf(text), acting.Enabled) { Acting = acting },
        };
        at.End();
        return configuration;
    }

    private static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text))[..16];

    private static ActingLimits ActingOf(NodeReader at)
    {
        var otherwise = new ActingLimits();
        var limits = new ActingLimits
        {
            Enabled = at.Flag("enabled"),
            IsDryRun = at.Flag("dry_run"),
            ProcessesMax = (int)at.Number("max_processes", otherwise.ProcessesMax, 1, 10_000),
            PerHourMax = (int)at.Number("max_per_hour", otherwise.PerHourMax, 1, 10_000),
            PagesMax = (int)at.Number("max_pages", otherwise.PagesMax, 1, 10_000),
            ProtectedUnits = at.Texts("protected_units"),
        };
        at.End();
        return limits;
    }

    private static Uri? OtlpOf(NodeReader at)
    {
        Uri? endpoint = UrlOf(at, "endpoint");
        at.End();
        return endpoint;
    }

    private List<ConfiguredParty> PartiesOf(NodeReader root)
    {
        var parties = new List<ConfiguredParty>();
        var lines = new Dictionary<string, int>();
        IReadOnlyList<ConfigurationNode> nodes = ListOf(root, "parties", PartiesMax);
        for (int i = 0; i < nodes.Count; i++)
        {
            var at = new NodeReader(nodes[i], $"parties[{i}]", _faults);
            string? name = at.Name("name");
            NodeReader filter = at.Object("filter");
            var wanted = new PartyFilter(
                filter.Text("path") is { } path ? Encoding.UTF8.GetBytes(path) : null, FilesystemOf(filter),
                filter.OneOf("owner", Owners), filter.OneOf("severity", Severities));
            filter.End();
            int days = (int)at.Number("expire_days", 0, 1, 36500);
            at.End();
            CheckName(at, name, $"parties[{i}]", lines);
            if (name is not null) parties.Add(new(name, wanted, days == 0 ? null : days));
        }

        return parties;
    }

    private List<Rule> RulesOf(NodeReader root, List<ConfiguredParty> parties)
    {
        var rules = new List<Rule>();
        var lines = new Dictionary<string, int>();
        var names = parties.Select(party => party.Name).ToHashSet();
        IReadOnlyList<ConfigurationNode> nodes = ListOf(root, "rules", RulesMax);
        for (int i = 0; i < nodes.Count; i++)
        {
            var at = new NodeReader(nodes[i], $"rules[{i}]", _faults);
            string? name = at.Name("name");
            RuleCondition when = WhenOf(at.Object("when"), names);
            Rule rule = DoOf(at, nodes[i], i) with
            {
                Name = name ?? "",
                When = when,
                Timeout = TimeSpan.FromSeconds(at.Number("timeout_s", 30, 1, 3600)),
                MaxAge = TimeSpan.FromSeconds(at.Number("max_age_s", 7 * 24 * 3600, 1, SecondsMax)),
            };
            at.End();
            CheckName(at, name, $"rules[{i}]", lines);
            rules.Add(rule);
        }

        return rules;
    }

    private static IReadOnlyList<ConfigurationNode> ListOf(NodeReader root, string name, int most)
    {
        IReadOnlyList<ConfigurationNode> nodes = root.Array(name);
        if (nodes.Count <= most) return nodes;
        root.Fault(nodes[most], $"there are {nodes.Count} {name}; {most} are the most");
        return [.. nodes.Take(most)];
    }

    /// <summary>Deliveries are on record under these names: two of the same could not be told apart.</summary>
    private static void CheckName(NodeReader at, string? name, string place, Dictionary<string, int> lines)
    {
        ConfigurationNode? node = at.At("name");
        if (node is null) return;
        // A name that is no name has been told already.
        if (name is null && at.Find("name") is null) at.Fault(node, $"{place} needs a name");
        if (name is not null && !lines.TryAdd(name, node.Line))
        {
            at.Fault(node, $"{place}.name: {name} is taken by line {lines[name]}");
        }
    }

    private static string? FilesystemOf(NodeReader at)
    {
        string? uuid = at.Text("fs");
        if (uuid is null || Guid.TryParseExact(uuid, "D", out _)) return uuid;
        at.Fault(at.At("fs")!, "fs must be the filesystem's UUID, as `holdfast info` and blkid show it");
        return null;
    }

    private static RuleCondition WhenOf(NodeReader at, HashSet<string> parties)
    {
        string? party = at.Text("party");
        if (party is not null && !parties.Contains(party))
        {
            at.Fault(
                at.At("party")!,
                $"there is no party {NodeReader.Shown(party)} in parties{NodeReader.Nearest(party, [.. parties])}");
        }

        var when = new RuleCondition
        {
            Party = party,
            Severity = at.OneOf("severity", Severities),
            Path = at.Text("path"),
            Filesystem = FilesystemOf(at),
            Device = at.Text("device"),
            Owner = at.OneOf("owner", Owners),
            Medium = at.OneOf("medium", Media),
            Content = at.OneOf("content", Contents),
            Kind = at.OneOf("kind", "media", "absent"),
        };
        at.End();
        return when;
    }

    private Rule DoOf(NodeReader rule, ConfigurationNode node, int index)
    {
        var none = new Rule { Name = "", When = new(), Policy = "report" };
        ConfigurationNode? what = rule.Find("do");
        if (what is null)
        {
            rule.Fault(node, $"rules[{index}] needs a \"do\"");
            return none;
        }

        if (what.Kind == NodeKind.Text) return WordOf(rule, what, none, index);
        if (what.Kind != NodeKind.Object)
        {
            rule.Fault(
                what,
                $"rules[{index}].do must be ignore, report, log, kernel, or an object with command, webhook, signal or "
                    + "offline_page");
            return none;
        }

        var at = new NodeReader(what, $"rules[{index}].do", _faults);
        string[] named =
            [.. ((string[])["command", "webhook", .. ActionReader.Names]).Where(name => at.Find(name) is not null)];
        if (named.Length > 1)
        {
            at.Fault(
                at.At(named[1])!, $"rules[{index}].do has both {named[0]} and {named[1]}: make two parties of it");
            return none;
        }

        Rule found = named switch
        {
            ["command"] => CommandOf(at, none),
            ["webhook"] => WebhookOf(at, none),
            [var action] => ActionReader.Read(action, at, none),
            _ => none,
        };
        if (named.Length == 0)
        {
            at.Fault(what, $"rules[{index}].do has neither command, webhook, signal nor offline_page");
        }

        at.End();
        return found;
    }

    private static Rule WordOf(NodeReader rule, ConfigurationNode what, Rule none, int index)
    {
        string? example = what.Text switch
        {
            "command" => "{\"command\": [\"/path/of/program\", \"argument\"]}",
            "webhook" => "{\"webhook\": \"https://…\", \"secret_file\": \"/path\"}",
            var word => ActionReader.ExampleOf(word),
        };
        if (example is null)
        {
            string? known = rule.OneOf("do", "ignore", "report", "log", ActionReader.Kernel);
            return known is null ? none : ActionReader.OfWord(known, none);
        }

        string article = what.Text[0] == 'o' ? "an" : "a";
        rule.Fault(what, $"rules[{index}].do: {article} {what.Text} is an object, like {example}");
        return none;
    }

    private static Rule CommandOf(NodeReader at, Rule rule)
    {
        IReadOnlyList<ConfigurationNode> nodes = at.Array("command");
        IReadOnlyList<string> command = at.Texts("command");
        ConfigurationNode place = at.At("command")!;
        if (command.Count > ArgumentsMax) at.Fault(place, $"a command has at most {ArgumentsMax} arguments");
        if (place.Kind == NodeKind.Array && !IsProgram(command.Count == 0 ? "" : command[0]))
        {
            string hint = command.Count > 0 && command[0].StartsWith('/') && command[0].EndsWith('/')
                ? ", not of a folder" : "; there is no shell that would look for it";
            at.Fault(nodes.Count > 0 ? nodes[0] : place, "a command begins with the absolute path of a program" + hint);
        }

        foreach ((ConfigurationNode node, bool isProgram) in nodes.Select((node, i) => (node, i == 0)))
        {
            if (Placeholders.FaultOf(node.Text, isProgram) is { } fault) at.Fault(node, fault);
        }

        return rule with
        {
            Policy = "command",
            Command = command,
            User = at.Name("user") ?? rule.User,
            Acts = at.Flag("acts"),
        };
    }

    private static bool IsProgram(string path) => path.StartsWith('/') && !path.EndsWith('/');

    private static Rule WebhookOf(NodeReader at, Rule rule) => rule with
    {
        Policy = "webhook",
        Webhook = UrlOf(at, "webhook"),
        SecretFile = at.AbsolutePath("secret_file"),
    };

    private static Uri? UrlOf(NodeReader at, string name)
    {
        string? text = at.Text(name);
        if (text is null) return null;
        // The text is not repeated: URLs of many services are secrets themselves.
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            at.Fault(at.At(name)!, $"{name} must be an absolute http or https URL");
            return null;
        }

        if (uri.UserInfo.Length == 0) return uri;
        at.Fault(at.At(name)!, $"{name} must not hold a user or password: they would be shown and logged");
        return null;
    }
}
