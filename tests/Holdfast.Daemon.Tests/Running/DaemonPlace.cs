// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;

namespace Holdfast.Daemon.Tests.Running;

/// <summary>Where a daemon of the tests has its configuration, ledger and socket.</summary>
internal sealed class DaemonPlace : IDisposable
{
    private readonly Scratch _scratch;
    private readonly bool _isBorrowed;

    /// <param name="folder">Somebody else's, who keeps what the daemon leaves there; null: its own.</param>
    /// <param name="more">Further members of the configuration, each with its comma before it.</param>
    /// <param name="group">Whose members come in; root's own as a rule, so that only root does.</param>
    internal DaemonPlace(string more = "", string group = "root", bool holdsMounts = false,
        string? traceInstance = null, Scratch? folder = null)
    {
        _scratch = folder ?? new("daemon");
        _isBorrowed = folder is not null;
        Write($$"""
            {
                // Of one test.
                "ledger": {"path": "{{PathOf("state/ledger.db")}}"},
                "spool": {"path": "{{PathOf("spool")}}"},
                "socket": {"path": "{{Socket}}", "group": "{{group}}"},
                // Other tests mount filesystems at the same time.
                "mounts": {"hold": {{(holdsMounts ? "true" : "false")}}},
                "kernel": {"listen": {{(traceInstance is null ? "false" : "true")}},
                           "trace_instance": "{{traceInstance ?? "none"}}"}
                {{more}}
            }
            """);
    }

    internal string Folder => _scratch.Folder;

    internal string Socket => PathOf("run/holdfast.sock");

    internal string Configuration => PathOf("holdfast.json");

    internal string Ledger => PathOf("state/ledger.db");

    internal string PathOf(string name) => _scratch.PathOf(name);

    internal void Write(string configuration) => File.WriteAllText(Configuration, configuration);

    /// <summary>A disk image of holes, as a device to report on.</summary>
    internal string Image(string name, long length = 64 << 20)
    {
        if (!File.Exists(PathOf(name))) _scratch.SparseFile(name, length);
        return PathOf(name);
    }

    public void Dispose()
    {
        if (!_isBorrowed) _scratch.Dispose();
    }
}
