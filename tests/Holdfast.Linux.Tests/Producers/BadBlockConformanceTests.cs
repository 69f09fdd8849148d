// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Queries;
using Holdfast.Failures;
using Holdfast.Linux.Producers;
using Holdfast.Testing.Producers;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>The kernel's lists of bad blocks are a producer like any other (C1).</summary>
public sealed class BadBlockConformanceTests : ProducerConformance, IDisposable
{
    private readonly FakeKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    protected override ByteRangeSet Source()
    {
        _kernel.Device("sda", "8:0");
        _kernel.Attribute("sda", "size", "8192\n");
        _kernel.Attribute("sda", "badblocks", "8 8\n100 1\n4096 512\n4608 8\n");
        return ByteRangeSet.From([new(4096, 4096), new(51200, 512), new(4096 * 512, 520 * 512)]);
    }

    protected override IProducer NewProducer() => new BadBlockProducer(
        _kernel.Roots, TimeSpan.FromMilliseconds(20), new HeardEvents(),
        (_, _, _) => Task.FromResult(KnownFailures.Nothing), (_, _) => { });
}
