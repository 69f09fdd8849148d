// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Core.Configuration;

/// <summary>
/// The sections that say where the daemon has its things and what it listens to: ledger, spool, socket, retention,
/// mounts, kernel, import.
/// </summary>
internal static class SectionReader
{
    /// <summary>sun_path of a socket's address holds 108 bytes, the last one zero.</summary>
    private const int SocketPathMax = 107;

    internal static DaemonConfiguration Read(NodeReader at)
    {
        var otherwise = new DaemonConfiguration();
        NodeReader ledger = at.Object("ledger");
        NodeReader spool = at.Object("spool");
        NodeReader socket = at.Object("socket");
        NodeReader retention = at.Object("retention");
        NodeReader mounts = at.Object("mounts");
        NodeReader kernel = at.Object("kernel");
        NodeReader import = at.Object("import");
        var configuration = new DaemonConfiguration
        {
            LedgerPath = ledger.AbsolutePath("path") ?? otherwise.LedgerPath,
            SpoolPath = spool.AbsolutePath("path") ?? otherwise.SpoolPath,
            SpoolBytesMax = spool.Number("max_bytes", otherwise.SpoolBytesMax, 4096, 1L << 40),
            SocketPath = SocketPathOf(socket) ?? otherwise.SocketPath,
            SocketGroup = socket.Name("group") ?? otherwise.SocketGroup,
            RetentionDays = (int)retention.Number("days", otherwise.RetentionDays, 1, 36500),
            HoldsMounts = mounts.Flag("hold", otherwise.HoldsMounts),
            HearsKernel = kernel.Flag("listen", otherwise.HearsKernel),
            TraceInstance = kernel.Name("trace_instance") ?? otherwise.TraceInstance,
            BadBlockSeconds = (int)kernel.Number("bad_blocks_s", otherwise.BadBlockSeconds, 1, 86400),
            ImportFolder = import.AbsolutePath("folder"),
        };
        NodeReader[] sections = [ledger, spool, socket, retention, mounts, kernel, import];
        foreach (NodeReader section in sections) section.End();
        return configuration;
    }

    private static string? SocketPathOf(NodeReader socket)
    {
        string? path = socket.AbsolutePath("path");
        if (path is null || Encoding.UTF8.GetByteCount(path) <= SocketPathMax) return path;
        socket.Fault(
            socket.At("path")!, $"socket.path is longer than the {SocketPathMax} bytes that a socket may have");
        return null;
    }
}
