// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Holders;
using Holdfast.Failures;

namespace Holdfast.Core.Tests;

/// <summary>A filesystem in which each range is a file of its own, named after its place.</summary>
internal sealed class FileNamingResolvers : IResolverSource
{
    public Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken) =>
        Task.FromResult<IRangeResolver?>(new Resolver());

    private sealed class Resolver : IRangeResolver
    {
        public Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
            long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ResolvedRange>>([.. ranges.Select(range => new ResolvedRange(
                Encoding.UTF8.GetBytes(
                    $$"""[{"owner":"inode","severity":"file_data","paths":["file-at-{{range.Offset}}"]}]"""),
                true, null))]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
