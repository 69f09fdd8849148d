// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Holdfast.Daemon.Access;

/// <summary>
/// Who is at the other end of a Unix socket, as the kernel says: user, group, and the supplementary groups, which
/// SO_PEERCRED leaves out and SO_PEERGROUPS gives.
/// </summary>
internal sealed record Peer(int ProcessId, uint UserId, uint GroupId, IReadOnlyList<uint> Groups)
{
    // asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int SoPeerGroups = 59;

    // struct ucred: pid, uid, gid.
    private const int ProcessIdAt = 0;
    private const int UserIdAt = ProcessIdAt + sizeof(int);
    private const int GroupIdAt = UserIdAt + sizeof(uint);
    private const int CredentialsSize = GroupIdAt + sizeof(uint);

    /// <summary>More groups than the kernel lets a process have (NGROUPS_MAX).</summary>
    private const int GroupsMax = 65536;

    internal bool IsRoot => UserId == 0;

    /// <summary>As sources and owners are named where the caller gives no name.</summary>
    internal string Name => $"user:{UserId}";

    /// <exception cref="SocketException">The kernel does not say.</exception>
    internal static Peer Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[CredentialsSize];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return new(
            MemoryMarshal.Read<int>(credentials[ProcessIdAt..]), MemoryMarshal.Read<uint>(credentials[UserIdAt..]),
            MemoryMarshal.Read<uint>(credentials[GroupIdAt..]), GroupsOf(socket));
    }

    private static uint[] GroupsOf(Socket socket)
    {
        for (int count = 64; count <= GroupsMax; count *= 4)
        {
            byte[] bytes = new byte[count * sizeof(uint)];
            try
            {
                int length = socket.GetRawSocketOption(SolSocket, SoPeerGroups, bytes);
                return [.. MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(0, length))];
            }
            catch (SocketException)
            {
                // ERANGE: there are more.
            }
        }

        return [];
    }
}
