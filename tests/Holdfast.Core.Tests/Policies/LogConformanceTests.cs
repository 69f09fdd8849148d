// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Testing.Policies;

namespace Holdfast.Core.Tests.Policies;

/// <summary>"log" as every policy.</summary>
public sealed class LogConformanceTests : IdempotentConformance
{
    private readonly KeptLines _lines = new();

    public LogConformanceTests() => Policy = new LogPolicy(_lines);

    protected override IPolicy Policy { get; }

    protected override Rule Rule { get; } = new() { Name = "note", When = new(), Policy = "log" };

    protected override IReadOnlyList<PolicyEffect> Effects() => _lines.Effects;

    private sealed class KeptLines : ILogSink
    {
        private readonly Lock _lock = new();
        private readonly List<PolicyEffect> _effects = [];

        internal IReadOnlyList<PolicyEffect> Effects
        {
            get
            {
                lock (_lock) return [.. _effects];
            }
        }

        public Task WriteAsync(
            int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields,
            CancellationToken cancellationToken)
        {
            string Field(string name) => fields.FirstOrDefault(field => field.Key == name).Value ?? "";
            lock (_lock) _effects.Add(new(Field("HOLDFAST_KEY"), Field("HOLDFAST_NOTICE")));
            return Task.CompletedTask;
        }
    }
}
