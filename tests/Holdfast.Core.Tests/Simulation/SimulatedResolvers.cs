// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>Filesystems that answer, fail, are slow, or hang. They know when nobody may ask them (C3).</summary>
internal sealed class SimulatedResolvers(SimulatedWorld world) : IResolverSource
{
    public async Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken)
    {
        Holder at = holder.Holder;
        if (!world.Recovered.Contains((at.Name, at.Epoch)))
        {
            Told($"C3: {at.Name} was asked under epoch {at.Epoch}, which never said that its log is recovered");
        }

        await MisbehaveAsync(cancellationToken);
        return world.Random.Next(20) == 0 ? null : new Resolver(this, at);
    }

    private Random Chance => world.Random;

    private bool IsFaulty => world.IsFaulty;

    private void AnsweredAtOnce(int ranges) => world.AnsweredAtOnce += ranges;

    private void Told(string broken) => world.Broken ??= broken;

    private async Task MisbehaveAsync(CancellationToken cancellationToken)
    {
        if (!world.IsFaulty) return;
        switch (world.Random.Next(12))
        {
            case 0: throw new IOException("simulated: the device does not read");
            case 1:
                // Hangs, deaf to being called off.
                await new TaskCompletionSource().Task;
                break;
            case 2:
                await Task.Delay(TimeSpan.FromSeconds(world.Random.Next(60)), world.Time, cancellationToken);
                break;
        }
    }

    private sealed class Resolver(SimulatedResolvers all, Holder holder) : IRangeResolver
    {
        public async Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
            long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken)
        {
            CheckAreHeld(device, ranges);
            await all.MisbehaveAsync(cancellationToken);
            return Answers(ranges);
        }

        public Task<IReadOnlyList<ResolvedRange>?> ResolveAtOnceAsync(
            long device, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken)
        {
            CheckAreHeld(device, ranges);
            switch (all.Chance.Next(all.IsFaulty ? 30 : 6))
            {
                case 0: return Task.FromResult<IReadOnlyList<ResolvedRange>?>(null);
                case 1 when all.IsFaulty: throw new IOException("simulated: not at once");
                case 2 when all.IsFaulty: return new TaskCompletionSource<IReadOnlyList<ResolvedRange>?>().Task;
                default:
                    all.AnsweredAtOnce(ranges.Count);
                    return Task.FromResult<IReadOnlyList<ResolvedRange>?>(Answers(ranges));
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void CheckAreHeld(long device, IReadOnlyList<ByteRange> ranges)
        {
            foreach (ByteRange range in ranges)
            {
                if (holder.Ranges.Any(at => at.Device == device && at.Range.Intersect(range) == range)) continue;
                all.Told($"C6: {holder.Name} was asked of {range} of device {device}, which it does not hold; it holds "
                    + string.Join(", ", holder.Ranges.Select(at => $"{at.Range} of {at.Device}")));
            }
        }

        private static IReadOnlyList<ResolvedRange> Answers(IReadOnlyList<ByteRange> ranges) =>
        [
            .. ranges.Select(range => new ResolvedRange(
                Encoding.UTF8.GetBytes(
                    $$"""[{"owner":"inode","severity":"file_data","paths":["f{{range.Offset}}"]}]"""),
                true, null)),
        ];
    }
}
