// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast holders put: claims a device for a filesystem on it, or says how far that has come.</summary>
internal sealed class HoldersPutVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<string> _name = new("NAME") { Description = "The holder's name" };
    private readonly Argument<string> _state = new("STATE")
    {
        Description = "claimed, superblock_read, structures_ready, log_recovered, live, closing or gone",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = "Device or image; what the holder has already where it is left out", HelpName = "PATH",
    };

    private readonly Option<string?> _log = new("--log-device")
    {
        Description = "Device of its log", HelpName = "PATH",
    };
    private readonly Option<string?> _uuid = new("--uuid")
    {
        Description = "The filesystem's UUID; needed from superblock_read on", HelpName = "UUID",
    };

    private readonly Option<int> _lease = new("--lease")
    {
        Description = "Seconds until the claim ends", HelpName = "SECONDS", DefaultValueFactory = _ => 3600,
    };

    private readonly Option<long?> _epoch = new("--epoch")
    {
        Description = "The epoch of the claim that this goes on with; else it is a new one", HelpName = "N",
    };

    public string Name => "put";

    public string Description => "Claim a device for a filesystem, or say how far it has come (root)";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast holders put data claimed --device /images/data.img", "Before anything of it is read"),
        new("holdfast holders put data live --epoch 1 --uuid 5f3c0d1e-2b4a-4c6d-8e9f-0123456789ab",
            "Now it can be asked: what waited is replayed"),
    ];

    public void AddTo(Command command)
    {
        _state.AcceptOnlyFromAmong(
            "claimed", "superblock_read", "structures_ready", "log_recovered", "live", "closing", "gone");
        command.Arguments.Add(_name);
        command.Arguments.Add(_state);
        foreach (Option option in (Option[])[_device, _log, _uuid, _lease, _epoch]) command.Options.Add(option);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string name = parsed.GetValue(_name)!;
        var request = new HolderRequest
        {
            Ranges = RangesOf(parsed, name),
            Fs = parsed.GetValue(_uuid) is { } uuid ? new FilesystemJson("xfs", uuid, null) : null,
            State = parsed.GetValue(_state)!,
            LeaseS = parsed.GetValue(_lease),
            Epoch = parsed.GetValue(_epoch),
        };
        HolderJson holder = _daemon.Ask(parsed, client => client.PutHolderAsync(name, request));
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(holder, ContractJson.Default.HolderJson);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        page.Text($"{VisibleText.Of(name)} is {holder.State}, epoch {holder.Epoch}, {holder.Decision}s notices");
        return ExitBits.None;
    }

    private IReadOnlyList<HolderRangeJson> RangesOf(ParseResult parsed, string name)
    {
        if (parsed.GetValue(_device) is { } device)
        {
            var ranges = new List<HolderRangeJson> { new(Path.GetFullPath(device), "data", 0, 0) };
            if (parsed.GetValue(_log) is { } log) ranges.Add(new(Path.GetFullPath(log), "log", 0, 0));
            return ranges;
        }

        HolderListJson holders = _daemon.Ask(parsed, client => client.ListHoldersAsync());
        return holders.Items.FirstOrDefault(at => at.Name == name)?.Ranges
            ?? throw new CommandFailure($"there is no holder {name} yet: name its --device", ExitBits.Usage);
    }
}
