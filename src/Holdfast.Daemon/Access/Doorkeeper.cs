// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Holdfast.Daemon.Access;

/// <summary>Looks at every connection before a byte of it is read. Who may not come in hears nothing at all.</summary>
internal sealed class Doorkeeper(AccessRule access, CallerLimits limits, Counters counters)
{
    internal async Task LetInAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        if (PeerOf(connection) is not { } peer || access.RoleOf(peer) is Role.Refused)
        {
            Refuse(connection);
            return;
        }

        Role role = access.RoleOf(peer);
        connection.Features.Set(new PeerFeature(peer, role, limits));
        if (role == Role.Root)
        {
            await next(connection);
            return;
        }

        if (!limits.TryConnect(peer.UserId))
        {
            Refuse(connection);
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            limits.Disconnect(peer.UserId);
        }
    }

    private static Peer? PeerOf(ConnectionContext connection)
    {
        try
        {
            return connection.Features.Get<IConnectionSocketFeature>() is { } feature ? Peer.Of(feature.Socket) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Refuse(ConnectionContext connection)
    {
        counters.Refuse();
        connection.Abort();
    }
}
