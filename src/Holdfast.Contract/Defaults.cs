// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>Where the daemon is found unless told otherwise.</summary>
public static class Defaults
{
    public const string SocketPath = "/run/holdfast/holdfast.sock";
    public const string SpoolPath = "/var/spool/holdfast";
    public const string LedgerPath = "/var/lib/holdfast/ledger.db";
    public const string ConfigurationPath = "/etc/holdfast/holdfast.json";
    public const string Group = "holdfast";

    /// <summary>Ranges in one report at most.</summary>
    public const int RangesMax = 10_000;

    /// <summary>Records on one page at most.</summary>
    public const int PageMax = 1000;
}
