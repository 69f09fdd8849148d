// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Intake;

/// <summary>Ids in the order of their bytes, which is the order of time: Guid's own order is another one.</summary>
internal sealed class IdOrder : IComparer<Guid>
{
    internal static IdOrder Instance { get; } = new();

    public int Compare(Guid left, Guid right)
    {
        Span<byte> a = stackalloc byte[16];
        Span<byte> b = stackalloc byte[16];
        left.TryWriteBytes(a, bigEndian: true, out _);
        right.TryWriteBytes(b, bigEndian: true, out _);
        return a.SequenceCompareTo(b);
    }
}
