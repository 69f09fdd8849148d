// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux;

/// <summary>Where the kernel shows itself. Parameters, so that a test can show a kernel of its own.</summary>
public sealed record KernelRoots(string Proc, string Sys, string Dev)
{
    public static KernelRoots Real { get; } = new("/proc", "/sys", "/dev");
}
