// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Workloads;

/// <summary>
/// Fills a mounted filesystem with everything XFS can write down: one thread, and the same calls in the same order for
/// the same seed. Where blocks land is the kernel's own affair, so two runs need not give the same image.
/// </summary>
public static class Workload
{
    /// <param name="folder">The mount point of an empty filesystem.</param>
    /// <param name="seed">Decides every size, offset and name.</param>
    /// <param name="scale">1 gives some 6,000 inodes and 110 MiB; the number of most things follows it.</param>
    public static void Run(string folder, int seed, double scale = 1)
    {
        using var tree = new Tree(folder);
        var place = new WorkloadPlace(tree, new Random(seed), scale);
        FileSteps.Run(place);
        ExtentSteps.Run(place);
        AttributeSteps.Run(place);
        NameSteps.Run(place);
        DirectorySteps.Run(place);
        ChurnSteps.Run(place);
        ReflinkSteps.Run(place);
        FreeSpaceSteps.Run(place);
        tree.Sync();
    }
}
