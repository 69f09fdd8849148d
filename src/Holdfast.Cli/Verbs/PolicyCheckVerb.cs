// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Core.Configuration;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast policy check: is a configuration right?</summary>
internal sealed class PolicyCheckVerb : IDaemonVerb
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "The configuration", DefaultValueFactory = _ => Defaults.ConfigurationPath,
    };

    public string Name => "check";

    public string Description => "Check a configuration; every mistake is named with its line";

    public IReadOnlyList<Example> Examples =>
        [new("holdfast policy check holdfast.json", "Before the daemon is given it")];

    public void AddTo(Command command) => command.Arguments.Add(_file);

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
        foreach (ConfigurationFault fault in faults) Program.Say($"{file}: {fault}");
        if (configuration is null) return ExitBits.Failed;
        Program.Say($"{file}: right, {ByteText.Count(configuration.Parties.Count, "party", "parties")} and "
            + ByteText.Count(configuration.Rules.Rules.Count, "rule", "rules"));
        return ExitBits.None;
    }
}
