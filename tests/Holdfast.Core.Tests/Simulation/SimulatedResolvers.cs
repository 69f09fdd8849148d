// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Holders;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>Filesystems that answer, fail, are slow, or hang. They know when nobody may ask them (C3).</summary>
internal sealed class SimulatedResolvers(Random random, TimeProvider time, Func<bool> isFaulty) : IResolverSource
{
    public async Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken)
    {
        await MisbehaveAsync(cancellationToken);
        return random.Next(20) == 0 ? null : new Resolver(this);
    }

    private async Task MisbehaveAsync(CancellationToken cancellationToken)
    {
        if (!isFaulty()) return;
        switch (random.Next(12))
        {
            case 0: throw new IOException("simulated: the device does not read");
            case 1:
                // Hangs, deaf to being called off.
                await new TaskCompletionSource().Task;
                break;
            case 2:
                await Task.Delay(TimeSpan.FromSeconds(random.Next(60)), time, cancellationToken);
                break;
        }
    }

    private sealed class Resolver(SimulatedResolvers all) : IRangeResolver
    {
        public async Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
            long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken)
        {
            await all.MisbehaveAsync(cancellationToken);
            return [.. ranges.Select(range => new ResolvedRange(
                Encoding.UTF8.GetBytes(
                    $$"""[{"owner":"inode","severity":"file_data","paths":["f{{range.Offset}}"]}]"""),
                true, null))];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
