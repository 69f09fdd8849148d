// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Tests.Processes;

/// <summary>
/// The users of a file, process by process and by what the kernel says of all at once: that must be the same. Other
/// processes of the machine come and go, but none of them uses the files of a test.
/// </summary>
internal static class BothWays
{
    internal static FileUsersAnswer Find(LostFile lost, bool readsText = false)
    {
        var options = new FileUsersOptions { ReadsText = readsText };
        FileUsersAnswer walked = FileUsers.Find(
            [lost], KernelRoots.Real, options with { AsksKernelFrom = int.MaxValue });
        FileUsersAnswer told = FileUsers.Find([lost], KernelRoots.Real, options with { AsksKernelFrom = 0 });
        Assert.Equivalent(walked.Users, told.Users, strict: true);
        return walked;
    }
}
