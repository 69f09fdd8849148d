// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>A group, or a realtime group, that counts the owners of its blocks.</summary>
internal interface IRefcountGroup : IBlockGroup
{
    BtreePlace Refcounts { get; }

    /// <summary>Nobody owns the blocks any more: they are freed in a step of their own.</summary>
    void FreeLater(uint start, uint length);
}
