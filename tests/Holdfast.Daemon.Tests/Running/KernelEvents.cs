// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Tests.Running;

/// <summary>
/// Tests that are alone: the kernel tells every daemon of every test's errors and mounts, and each daemon that listens
/// reads what it hears of with care.
/// </summary>
[CollectionDefinition(Alone, DisableParallelization = true)]
public sealed class KernelEvents
{
    internal const string Alone = "alone";
}
