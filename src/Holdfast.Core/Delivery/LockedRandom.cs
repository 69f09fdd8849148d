// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Chance for several tasks, seeded.</summary>
internal sealed class LockedRandom(int seed)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    internal double NextDouble()
    {
        lock (_lock) return _random.NextDouble();
    }
}
