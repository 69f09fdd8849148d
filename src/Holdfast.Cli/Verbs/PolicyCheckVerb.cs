// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Core.Configuration;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast policy check: is a configuration right?</summary>
internal sealed class PolicyCheckVerb : IDaemonVerb
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "The configuration", DefaultValueFactory = _ => Defaults.ConfigurationPath,
    };

    private readonly Option<bool> _json = new("--json") { Description = "For programs; docs/ has the schemas" };

    public string Name => "check";

    public string Description => "Check a configuration; every mistake is named with its line";

    public IReadOnlyList<Example> Examples =>
        [new("holdfast policy check holdfast.json", "Before the daemon is given it")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_file);
        command.Options.Add(_json);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string file = parsed.GetValue(_file)!;
        byte[] text;
        try
        {
            text = File.ReadAllBytes(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(fault.Message);
        }

        DaemonConfiguration? configuration = ConfigurationReader.Read(
            text, out IReadOnlyList<ConfigurationFault> faults);
        if (parsed.GetValue(_json)) Write(file, configuration, faults);
        foreach (ConfigurationFault fault in faults) Program.Say($"{file}: {fault}");
        if (configuration is null) return ExitBits.Failed;
        Program.Say($"{file}: right, {ByteText.Count(configuration.Parties.Count, "party", "parties")} and "
            + ByteText.Count(configuration.Rules.Rules.Count, "rule", "rules"));
        return ExitBits.None;
    }

    private static void Write(
        string file, DaemonConfiguration? configuration, IReadOnlyList<ConfigurationFault> faults) =>
        DaemonJson.WriteObject(json =>
        {
            json.WriteString("file"u8, file);
            json.WriteBoolean("right"u8, configuration is not null);
            if (configuration is not null)
            {
                json.WriteNumber("parties"u8, configuration.Parties.Count);
                json.WriteNumber("rules"u8, configuration.Rules.Rules.Count);
            }

            json.WriteStartArray("faults"u8);
            foreach (ConfigurationFault fault in faults)
            {
                json.WriteStartObject();
                json.WriteNumber("line"u8, fault.Line);
                json.WriteNumber("column"u8, fault.Column);
                json.WriteString("message"u8, fault.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
}
