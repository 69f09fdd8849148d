// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Tests.Running;

/// <summary>An instance of tracefs of a test's own; gone with it.</summary>
internal sealed class TraceInstanceName : IDisposable
{
    internal string Name { get; } = $"holdfast-test-{Guid.NewGuid():N}";

    public void Dispose()
    {
        string path = Path.Combine("/sys/kernel/tracing/instances", Name);
        if (Directory.Exists(path)) Directory.Delete(path);
    }
}
