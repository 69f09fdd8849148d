// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Access;

/// <summary>What a caller may do.</summary>
internal enum Role
{
    Refused,

    /// <summary>Reads and reports.</summary>
    Member,

    /// <summary>Also confirms, clears, registers holders, replays, disarms.</summary>
    Root,
}

/// <summary>
/// Root, the daemon's own user, and members of the group. The socket's mode is the door; this is the check behind it.
/// </summary>
/// <param name="group">Number of the group; null where there is no such group: then only root comes in.</param>
/// <param name="ownUser">The user the daemon runs as: for a daemon that is tried out without root.</param>
internal sealed class AccessRule(uint? group, uint ownUser)
{
    internal Role RoleOf(Peer peer)
    {
        if (peer.IsRoot || peer.UserId == ownUser) return Role.Root;
        return group is { } number && (peer.GroupId == number || peer.Groups.Contains(number))
            ? Role.Member
            : Role.Refused;
    }
}
