// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Asks for each block of an image by itself what its loss means. Nothing is kept between two questions, and the block
/// that is asked for is never read.
/// </summary>
internal static class BlockSweep
{
    /// <param name="check">What is wrong with an answer, a line each; may be called by several threads.</param>
    /// <returns>All that is wrong, each line with its block.</returns>
    public static IReadOnlyList<string> Run(
        OracleImage image, int blockSize, IEnumerable<long> blocks, Func<long, LocateAnswer, IEnumerable<string>> check)
    {
        using DeviceBlockSource device = DeviceBlockSource.Open(image.Images.Data);
        var wrong = new ConcurrentBag<(long Block, string Text)>();
        Parallel.ForEach(blocks, block =>
        {
            ByteRangeSet bad = ByteRangeSet.From([new(block * blockSize, blockSize)]);
            XfsVolume? volume = XfsVolume.Open(new DistrustingBlockSource(device, bad), out BlockFault fault);
            if (volume is null)
            {
                wrong.Add((block, $"cannot be opened: {fault}"));
                return;
            }

            foreach (string text in check(block, new Locator(volume).Locate(bad))) wrong.Add((block, text));
        });
        return [.. wrong.OrderBy(one => one.Block).Select(one => $"block {one.Block}: {one.Text}")];
    }
}
