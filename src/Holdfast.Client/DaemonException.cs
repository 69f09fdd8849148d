// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Client;

/// <summary>The daemon refused, with the code of its answer.</summary>
public sealed class DaemonException(int status, string code, string message, string? holder = null) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>
    /// "unknown_device", "held_by", "ledger_unavailable", … Stays the same whatever the message says.
    /// </summary>
    public string Code { get; } = code;

    /// <summary>For "held_by": the holder in the way.</summary>
    public string? Holder { get; } = holder;
}

/// <summary>There is no daemon at the socket, or it lets this user not in.</summary>
public sealed class DaemonUnreachableException(string message, Exception? inner) : Exception(message, inner);
