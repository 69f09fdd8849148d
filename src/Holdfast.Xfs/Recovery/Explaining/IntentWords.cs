// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery.Explaining;

/// <summary>Says in a few words what an intent announces.</summary>
public static class IntentWords
{
    private const uint OperationMask = 0xff;

    private static readonly string[] AttributeOperations =
    [
        "change", "set", "remove", "replace", "set parent pointer", "remove parent pointer", "replace parent pointer",
    ];

    public static string Of(LoggedIntent intent) => intent switch
    {
        ExtentFreeIntent free => $"free {Blocks(free.Extents.Sum(e => (long)e.Length))}{On(free.IsRealtime)}",
        ReverseMapIntent map => $"change the reverse map of {Blocks(map.Changes.Sum(c => (long)c.Length))} of "
            + $"{Inodes(map.Changes.Select(c => c.Owner))}{On(map.IsRealtime)}",
        RefcountIntent count =>
            $"change the reference counts of {Blocks(count.Changes.Sum(c => (long)c.Length))}{On(count.IsRealtime)}",
        BlockMapIntent map => $"{(map.Changes.Any(c => (c.Flags & OperationMask) == 2) ? "unmap" : "map")} "
            + $"{Blocks(map.Changes.Sum(c => (long)c.Length))} of {Inodes(map.Changes.Select(c => c.Inode))}",
        AttributeIntent attribute => $"{AttributeWord(attribute.Operation)}: "
            + $"a name of {attribute.Name.Length} bytes of inode {attribute.Inode}",
        ExchangeIntent exchange => $"exchange {Blocks((long)exchange.BlockCount)} between inodes {exchange.Inode1} "
            + $"and {exchange.Inode2}",
        _ => "unknown",
    };

    private static string AttributeWord(uint operation) =>
        AttributeOperations[operation < AttributeOperations.Length ? operation : 0];

    private static string Blocks(long count) => count == 1 ? "1 block" : $"{count} blocks";

    private static string On(bool isRealtime) => isRealtime ? " of the realtime device" : "";

    private static string Inodes(IEnumerable<ulong> owners)
    {
        ulong[] distinct = [.. owners.Distinct()];
        return distinct.Length == 1 ? $"inode {distinct[0]}" : $"{distinct.Length} inodes";
    }
}
