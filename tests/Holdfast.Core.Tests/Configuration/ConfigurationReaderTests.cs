// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;

namespace Holdfast.Core.Tests.Configuration;

/// <summary>The configuration file: everything that is wrong is told, each with its line; nothing secret is.</summary>
public sealed class ConfigurationReaderTests
{
    [Fact]
    public void An_empty_object_has_the_defaults()
    {
        DaemonConfiguration read = Right("{}");
        Assert.Equal(
            ("/var/lib/holdfast/ledger.db", "/var/spool/holdfast", "/run/holdfast/holdfast.sock", "holdfast"),
            (read.LedgerPath, read.SpoolPath, read.SocketPath, read.SocketGroup));
        Assert.Equal((false, 8), (read.Acting.Enabled, read.Acting.ProcessesMax));
    }

    [Fact]
    public void Every_key_is_read_where_it_stands()
    {
        DaemonConfiguration read = Right("""
            // comments are allowed, and a comma too many
            {
              "ledger": {"path": "/a/ledger"}, "spool": {"path": "/a/spool", "max_bytes": 8192},
              "socket": {"path": "/a/socket", "group": "storage"}, "retention": {"days": 30},
              "kernel": {"bad_blocks_s": 7}, "import": {"folder": "/a/import"},
              "parties": [{"name": "dba", "filter": {"path": "/pg", "fs": "11111111-2222-3333-4444-555555555555",
                "owner": "inode", "severity": "file_data"}, "expire_days": 5}],
              "rules": [
                {"name": "run", "when": {"party": "dba", "medium": "confirmed", "device": "/dev/sda"},
                 "do": {"command": ["/bin/true", "{failure}"], "user": "postgres", "acts": true},
                 "timeout_s": 5, "max_age_s": 60},
                {"name": "tell", "do": {"webhook": "https://a.example/x", "secret_file": "/s"}},
                {"name": "rest", "do": "log"},
              ],
              "acting": {"enabled": true, "max_processes": 2, "max_per_hour": 3, "dry_run": true,
                "protected_units": ["sshd.service"]},
            }
            """);
        Assert.Equal(("/a/ledger", "/a/spool", 8192L), (read.LedgerPath, read.SpoolPath, read.SpoolBytesMax));
        Assert.Equal(("/a/socket", "storage", 30), (read.SocketPath, read.SocketGroup, read.RetentionDays));
        Assert.Equal((7, "/a/import"), (read.BadBlockSeconds, read.ImportFolder));
        Assert.Equal(("dba", (int?)5), (read.Parties[0].Name, read.Parties[0].ExpireDays));
        Assert.Equal(
            ("/pg", "inode", "file_data"),
            (Encoding.UTF8.GetString(read.Parties[0].Filter.Path!.Value.Span), read.Parties[0].Filter.Owner,
                read.Parties[0].Filter.Severity));
        Rule run = read.Rules.Rules[0];
        Assert.Equal(["/bin/true", "{failure}"], run.Command);
        Assert.Equal(("postgres", true, 5.0, 60.0), (
            run.User, run.Acts, run.Timeout.TotalSeconds, run.MaxAge.TotalSeconds));
        Assert.Equal(("dba", "confirmed", "/dev/sda"), (run.When.Party, run.When.Medium, run.When.Device));
        Assert.Equal(["command", "webhook", "log"], read.Rules.Rules.Select(rule => rule.Policy));
        Assert.Equal("nobody", read.Rules.Rules[1].User);
        Assert.Equal((2, 3, true), (read.Acting.ProcessesMax, read.Acting.PerHourMax, read.Acting.IsDryRun));
        Assert.Equal(["sshd.service"], read.Acting.ProtectedUnits);
        Assert.Same(read.Acting, read.Rules.Acting);
        Assert.True(read.Rules.ActingEnabled);
    }

    /// <summary>Each mistake by itself: its line, and a sentence that helps.</summary>
    [Theory]
    [InlineData("{\n \"legder\": {}}", 2, "did you mean ledger?")]
    [InlineData("{\n \"ledger\": {\"pth\": \"/x\"}}", 2, "ledger.pth is no key (did you mean path?)")]
    [InlineData("{\"ledger\": {\"path\":\n \"x\"}}", 2, "must be an absolute path")]
    [InlineData("{\"ledger\": {},\n \"ledger\": {}}", 2, "there twice; the first is on line 1")]
    [InlineData("{\"spool\": {\n\"max_bytes\": 1.5}}", 2, "must be a whole number from 4096 to")]
    [InlineData("{\"spool\": {\n\"max_bytes\": 1e400}}", 2, "must be a whole number from 4096 to")]
    [InlineData("{\"retention\": {\"days\": 0}}", 1, "from 1 to 36500")]
    [InlineData("{\"parties\": {}}", 1, "parties must be an array")]
    [InlineData("{\"parties\": [{}]}", 1, "parties[0] needs a name")]
    [InlineData("{\"parties\": [{\"name\": \"a b\"}]}", 1, "may have letters, digits")]
    [InlineData("{\"parties\": [{\"name\": \"a\"},\n{\"name\": \"a\"}]}", 2, "a is taken by line 1")]
    [InlineData("{\"parties\": [{\"name\": \"a\", \"filter\": {\"fs\": \"sda1\"}}]}", 1, "filesystem's UUID")]
    [InlineData("{\"rules\": [{\"name\": \"r\"}]}", 1, "needs a \"do\"")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"igmore\"}]}", 1, "(did you mean ignore?)")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"webhook\"}]}", 1, "a webhook is an object, like")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": 5}]}", 1, "with command, webhook, signal or offline_page")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {}}]}", 1, "neither command, webhook, signal nor offline_page")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"kernl\"}]}", 1, "(did you mean kernel?)")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"offline-page\"}]}", 1, "like {\"offline_page\": true}")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"offline_page\": false}}]}", 1, "can only be true")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"offline_page\": 1}}]}", 1, "must be true or false")]
    [InlineData("{\"acting\": {\"max_pages\": 0}}", 1, "from 1 to 10000")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": []}}]}", 1, "absolute path of a program")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": [\"ls\"]}}]}", 1, "there is no shell")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": [\"/b/\"]}}]}", 1, "not of a folder")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": \"/b\"}}]}", 1, "must be an array")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": [\"/b\", \"{failur}\"]}}]}", 1, "mean failure?")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"command\": [\"/b{key}\"]}}]}", 1, "cannot depend on the")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"webhook\": \"/x\"}}]}", 1, "absolute http or https URL")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"webhook\": \"ftp://x/\"}}]}", 1, "http or https URL")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"log\", \"timeout_s\": 0}]}", 1, "from 1 to 3600")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"log\", \"when\": {\"medium\": \"x\"}}]}", 1, "be suspect")]
    [InlineData("{\"acting\": {\"enabled\": \"yes\"}}", 1, "must be true or false")]
    [InlineData("[]", 1, "the configuration must be an object")]
    [InlineData("", 1, "the file ends too early")]
    [InlineData("{\"ledger\": {}\n \"spool\": {}}", 2, "'\"' cannot stand here (is a comma")]
    [InlineData("{\"ledger\": \"\\ud800\"}", 1, "not UTF-8")]
    public void One_mistake_is_told_where_it_stands(string text, int line, string part)
    {
        ConfigurationFault fault = Assert.Single(Faults(text));
        Assert.Equal(line, fault.Line);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>C14: what acts by itself is marked, whatever the file says.</summary>
    [Theory]
    [InlineData("{\"signal\": \"SIGTERM\"}", "signal", true)]
    [InlineData("{\"offline_page\": true}", "offline-page", true)]
    [InlineData("\"kernel\"", "kernel", true)]
    [InlineData("\"log\"", "log", false)]
    [InlineData("\"ignore\"", "ignore", false)]
    public void What_acts_by_itself_is_marked(string text, string policy, bool acts)
    {
        DaemonConfiguration? read = ConfigurationReader.Read(
            System.Text.Encoding.UTF8.GetBytes("{\"rules\": [{\"name\": \"r\", \"do\": " + text + "}]}"), out _);
        Rule rule = Assert.Single(read!.Rules.Rules);
        Assert.Equal((policy, acts), (rule.Policy, rule.Acts));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_order()
    {
        IReadOnlyList<ConfigurationFault> faults = Faults("""
            {
              "parties": [{"name": "oncall"}],
              "rules": [
                {"name": "a", "when": {"party": "onkall"}, "do": "log"},
                {"name": "b", "wen": {}, "do": {"command": ["true"]}},
                {"name": "a", "do": {"webhook": "nonsense"}, "timeout_s": 99999}
              ]
            }
            """);
        Assert.Equal([4, 5, 5, 6, 6, 6], faults.Select(fault => fault.Line));
        Assert.Contains("(did you mean oncall?)", faults[0].Message, StringComparison.Ordinal);
    }

    /// <summary>What was put in a wrong place may be a secret: no fault repeats it.</summary>
    [Theory]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": \"https://u.example/S3cret/S3cret\"}]}")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"webhook\": \"https://me:S3cret@u.example/\"}}]}")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"webhook\": \"hppt://S3cret/\"}}]}")]
    [InlineData("{\"rules\": [{\"name\": \"r\", \"do\": {\"webhook\": \"https://u/\", \"secret\": \"S3cret\"}}]}")]
    [InlineData("{\"rules\": [{\"name\": \"whsec_S3cret+/==\", \"do\": \"log\"}]}")]
    [InlineData("{\"socket\": {\"group\": \"S3cret \\u001b[2J\"}}")]
    public void No_fault_shows_a_secret_or_a_control_character(string text)
    {
        string told = string.Join('\n', Faults(text));
        Assert.DoesNotContain("S3cret", told, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', told);
    }

    [Fact]
    public void Hostile_bytes_are_faults_not_exceptions()
    {
        byte[] right = Encoding.UTF8.GetBytes(
            "{\"parties\": [{\"name\": \"a\"}], \"spool\": {\"max_bytes\": 9000}} // é");
        var random = new Random(20);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = [.. right];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            bool isRight = ConfigurationReader.Read(text, out IReadOnlyList<ConfigurationFault> faults) is not null;
            Assert.Equal(isRight, faults.Count == 0);
        }

        Assert.NotEmpty(Faults(new string('[', 5000)));
    }

    [Fact]
    public void Many_faults_are_cut_and_counted()
    {
        string text = "{" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"key{i}\": 1")) + "}";
        IReadOnlyList<ConfigurationFault> faults = Faults(text);
        Assert.Equal((101, "and 400 more"), (faults.Count, faults[^1].Message));
    }

    private static DaemonConfiguration Right(string text)
    {
        DaemonConfiguration? read = ConfigurationReader.Read(Encoding.UTF8.GetBytes(text), out var faults);
        Assert.Empty(faults);
        return read!;
    }

    private static IReadOnlyList<ConfigurationFault> Faults(string text)
    {
        Assert.Null(ConfigurationReader.Read(Encoding.UTF8.GetBytes(text), out var faults));
        return faults;
    }
}
