// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli.Input;

/// <summary>The target and what else every verb takes.</summary>
/// <param name="asksKernel">Whether the verb answers for what is mounted, too.</param>
internal sealed class TargetOptions(bool asksKernel = false)
{
    public Argument<string> Target { get; init; } = new("TARGET")
    {
        Description = asksKernel
            ? "Device, image or mount point; of what is mounted the kernel is asked"
            : "Device or image, not mounted",
    };

    public Option<string?> Volume { get; } = new("--volume")
    {
        HelpName = "NAME",
        Description = "The filesystem on a whole disk: p2, vg/root, a UUID; needed where there are several",
    };

    public Option<string?> LogDevice { get; } = new("--log-device")
    {
        HelpName = "DEVICE",
        Description = "Device or image of an external log",
    };

    public Option<string?> RealtimeDevice { get; } = new("--realtime-device")
    {
        HelpName = "DEVICE",
        Description = "Device or image of the realtime part, which is not answered for yet",
    };

    public Option<bool> NoRmapbt { get; } = new("--no-rmapbt")
    {
        Description = "Build the reverse map from all inodes, as where there is no rmapbt",
    };

    public Option<string> View { get; } = new("--view")
    {
        HelpName = "VIEW",
        Description = "disk: nothing replayed; replayed: the log, with intents open; mounted: as a mount leaves it",
        DefaultValueFactory = _ => "mounted",
    };

    public Option<bool> NoRecovery { get; } = new("--no-recovery")
    {
        Description = "Where the log cannot be recovered, answer from the device as it is; never complete",
    };

    public Option<bool> ParseMounted { get; } = new("--parse-mounted")
    {
        Description = "Read a device that is in use, which holds what it held a while ago: never complete",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "For programs; docs/ has the schemas" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(Target);
        command.Options.Add(Volume);
        command.Options.Add(LogDevice);
        command.Options.Add(RealtimeDevice);
        command.Options.Add(NoRmapbt);
        View.AcceptOnlyFromAmong("disk", "replayed", "mounted");
        command.Options.Add(View);
        command.Options.Add(NoRecovery);
        command.Options.Add(ParseMounted);
        command.Options.Add(Json);
    }
}
