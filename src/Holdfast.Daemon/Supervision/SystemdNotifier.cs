// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Daemon.Supervision;

/// <summary>sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names; nothing where it is not set.</summary>
internal static class SystemdNotifier
{
    /// <summary>Half of what systemd waits for a sign of life; null where it does not wait.</summary>
    internal static TimeSpan? WatchdogPeriod
    {
        get
        {
            string? text = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
            string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
            bool isOurs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            return isOurs && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
                && microseconds > 0
                ? TimeSpan.FromMicroseconds(microseconds / 2)
                : null;
        }
    }

    /// <param name="state">Lines as sd_notify has them: "READY=1".</param>
    internal static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path) return;
        // A leading '@' stands for the zero byte of an abstract name.
        if (path[0] == '@') path = '\0' + path[1..];
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException)
        {
            // A manager that does not listen is no reason to stop.
        }
    }
}
