// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Tests.Running;

/// <summary>An instance of tracefs of a test's own; gone with it.</summary>
internal sealed class TraceInstanceName : IDisposable
{
    internal string Name { get; } = $"holdfast-test-{Guid.NewGuid():N}";

    public void Dispose()
    {
        // Memory failures have one of their own, where the kernel knows of them.
        foreach (string name in (string[])[Name, $"{Name}-memory"])
        {
            string path = Path.Combine("/sys/kernel/tracing/instances", name);
            if (Directory.Exists(path)) Directory.Delete(path);
        }
    }
}
