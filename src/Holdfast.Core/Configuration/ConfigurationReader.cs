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
        faults = [.. reader._faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)];
        return faults.Count == 0 ? configuration : null;
    }

    private DaemonConfiguration ReadAll(ReadOnlySpan<byte> text)
    {
        ConfigurationNode? root = ConfigurationParser.Parse(text, out ConfigurationFault? fault);
        if (fault is not null) _faults.Add(fault);
        if (root is null) return new();
        var at = new NodeReader(root, "", _faults);
        var otherwise = new DaemonConfiguration();
        NodeReader ledger = at.Object("ledger");
        NodeReader spool = at.Object("spool");
        NodeReader socket = at.Object("socket");
        NodeReader retention = at.Object("retention");
        ActingLimits acting = ActingOf(at.Object("acting"));
        List<ConfiguredParty> parties = PartiesOf(at);
        List<Rule> rules = RulesOf(at, parties);
        var configuration = new DaemonConfiguration
        {
            LedgerPath = ledger.AbsolutePath("path") ?? otherwise.LedgerPath,
            SpoolPath = spool.AbsolutePath("path") ?? otherwise.SpoolPath,
            SpoolBytesMax = spool.Number("max_bytes", otherwise.SpoolBytesMax, 4096, 1L << 40),
            SocketPath = socket.AbsolutePath("path") ?? otherwise.SocketPath,
            SocketGroup = socket.Text("group") ?? otherwise.SocketGroup,
            RetentionDays = (int)retention.Number("days", otherwise.RetentionDays, 1, 36500),
            OtlpEndpoint = OtlpOf(at.Object("otlp")),
            Parties = parties,
            Acting = acting,
            Rules = new(rules, HashOf(text), acting.Enabled),
        };
        foreach (NodeReader section in (NodeReader[])[ledger, spool, socket, retention, at]) section.End();
        return configuration;
    }

    private static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text))[..16];

    private static ActingLimits ActingOf(NodeReader at)
    {
        var otherwise = new ActingLimits();
        var limits = new ActingLimits
        {
            Enabled = at.Flag("enabled"),
            ProcessesMax = (int)at.Number("max_processes", otherwise.ProcessesMax, 1, 10_000),
            PerHourMax = (int)at.Number("max_per_hour", otherwise.PerHourMax, 1, 10_000),
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
        IReadOnlyList<ConfigurationNode> nodes = root.Array("parties");
        for (int i = 0; i < nodes.Count; i++)
        {
            var at = new NodeReader(nodes[i], $"parties[{i}]", _faults);
            string? name = at.Name("name");
            NodeReader filter = at.Object("filter");
            var wanted = new PartyFilter(
                filter.Text("path") is { } path ? Encoding.UTF8.GetBytes(path) : null, filter.Text("fs"),
                filter.OneOf("owner", Owners), filter.OneOf("severity", Severities));
            filter.End();
            int days = (int)at.Number("expire_days", 0, 1, 36500);
            at.End();
            if (name is null) at.Fault(nodes[i], $"parties[{i}] needs a name");
            else if (parties.Exists(party => party.Name == name)) at.Fault(nodes[i], $"there are two parties {name}");
            else parties.Add(new(name, wanted, days == 0 ? null : days));
        }

        return parties;
    }

    private List<Rule> RulesOf(NodeReader root, List<ConfiguredParty> parties)
    {
        var rules = new List<Rule>();
        IReadOnlyList<ConfigurationNode> nodes = root.Array("rules");
        for (int i = 0; i < nodes.Count; i++)
        {
            var at = new NodeReader(nodes[i], $"rules[{i}]", _faults);
            string? name = at.Name("name");
            RuleCondition when = WhenOf(at.Object("when"), parties);
            Rule rule = DoOf(at, nodes[i], i) with
            {
                Name = name ?? "",
                When = when,
                Timeout = TimeSpan.FromSeconds(at.Number("timeout_s", 30, 1, 3600)),
                MaxAge = TimeSpan.FromSeconds(at.Number("max_age_s", 7 * 24 * 3600, 1, SecondsMax)),
            };
            at.End();
            if (name is null) at.Fault(nodes[i], $"rules[{i}] needs a name");
            else if (rules.Exists(other => other.Name == name)) at.Fault(nodes[i], $"there are two rules {name}");
            rules.Add(rule);
        }

        return rules;
    }

    private static RuleCondition WhenOf(NodeReader at, List<ConfiguredParty> parties)
    {
        string? party = at.Text("party");
        if (party is not null && !parties.Exists(known => known.Name == party))
        {
            at.Fault(at.Find("party")!, $"there is no party {party} in parties");
        }

        var when = new RuleCondition
        {
            Party = party,
            Severity = at.OneOf("severity", Severities),
            Path = at.Text("path"),
            Filesystem = at.Text("fs"),
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

        if (what.Kind == NodeKind.Text)
        {
            return rule.OneOf("do", "ignore", "report", "log") is { } word ? none with { Policy = word } : none;
        }

        var at = new NodeReader(what, $"rules[{index}].do", _faults);
        Rule found = at.Find("command") is not null ? CommandOf(at, none, what)
            : at.Find("webhook") is not null ? WebhookOf(at, none)
            : none;
        if (found == none && what.Kind == NodeKind.Object)
        {
            at.Fault(what, $"rules[{index}].do has neither command nor webhook");
        }

        at.End();
        return found;
    }

    private static Rule CommandOf(NodeReader at, Rule rule, ConfigurationNode node)
    {
        IReadOnlyList<string> command = at.Texts("command");
        if (command.Count == 0 || !command[0].StartsWith('/'))
        {
            at.Fault(at.Find("command") ?? node, "a command begins with the absolute path of a program");
        }

        return rule with
        {
            Policy = "command",
            Command = command,
            User = at.Text("user") ?? rule.User,
            Acts = at.Flag("acts"),
        };
    }

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
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https") return uri;
        at.Fault(at.Find(name)!, $"{name} must be an absolute http or https URL");
        return null;
    }
}
