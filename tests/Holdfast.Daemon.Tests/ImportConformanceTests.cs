// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Testing.Producers;

namespace Holdfast.Daemon.Tests;

/// <summary>The folder for dropped lists is a producer like any other (C1).</summary>
public sealed class ImportConformanceTests : ProducerConformance, IDisposable
{
    private readonly ImportPlace _place = new();

    public void Dispose() => _place.Dispose();

    protected override ByteRangeSet Source()
    {
        _place.Drop("sdx.badblocks", "8\n100\n");
        _place.Drop("sdx.badblocks4096", "64\n");
        return ByteRangeSet.From([new(4096, 512), new(51200, 512), new(262144, 4096)]);
    }

    protected override IProducer NewProducer() => _place.Producer();
}
