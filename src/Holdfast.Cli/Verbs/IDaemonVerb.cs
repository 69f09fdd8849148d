// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>A verb that speaks to the daemon: its exit status is another one than that of a look at a device.</summary>
internal interface IDaemonVerb : IVerb
{
    IReadOnlyList<string>? IVerb.ExitStatus =>
        ["0 done, 8 refused or the daemon cannot be reached, 16 the command line makes no sense."];
}
