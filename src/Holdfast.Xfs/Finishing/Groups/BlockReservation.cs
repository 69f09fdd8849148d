// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>What blocks are set aside for. It changes where they go, not which ones are taken.</summary>
internal enum BlockReservation
{
    None,

    /// <summary>Blocks on their way to or from the AGFL.</summary>
    FreeList,

    /// <summary>Blocks of refcountbt and finobt, which have a reserve of their own.</summary>
    Metadata,

    /// <summary>Blocks of the rmapbt: they come from the AGFL.</summary>
    Rmapbt,
}
