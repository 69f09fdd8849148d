// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>Work that is done group by group, as many at a time as there are processors.</summary>
internal static class EveryGroup
{
    /// <exception cref="KernelRefusal">The first refusal of any group.</exception>
    internal static void Run(MountedXfs xfs, Action<uint> work, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        try
        {
            Parallel.For(0, xfs.Geometry.GroupCount, options, group => work((uint)group));
        }
        catch (AggregateException faults) when (faults.InnerExceptions.FirstOrDefault() is KernelRefusal first)
        {
            throw first;
        }
    }
}
