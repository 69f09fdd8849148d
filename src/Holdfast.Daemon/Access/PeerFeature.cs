// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Access;

/// <summary>Who a connection is with, found out once a connection.</summary>
internal sealed record PeerFeature(Peer Peer, Role Role);
