// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Access;

/// <summary>Who a connection is with, found out once a connection.</summary>
internal sealed record PeerFeature(Peer Peer, Role Role, CallerLimits Limits)
{
    /// <summary>Whether another request is within the caller's measure; root has none.</summary>
    internal bool MayAsk() => Role == Role.Root || Limits.MayAsk(Peer.UserId);
}
