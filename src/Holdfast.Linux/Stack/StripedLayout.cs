// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>In turn, one chunk a member: raid0 of equal members, device-mapper's striped.</summary>
public sealed class StripedLayout(int members) : IChunkLayout
{
    public int Redundancy => 0;

    public long Rows(long length, long chunk)
    {
        long row = chunk * members;
        return (length + row - 1) / row;
    }

    public long? ChunkAt(int member, long row) => (row * members) + member;

    public IEnumerable<(int Member, long Row)> PlacesOf(long chunk) => [((int)(chunk % members), chunk / members)];
}
