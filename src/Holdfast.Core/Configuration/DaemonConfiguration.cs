// SPDX-License-Identifier: Apache-2.0
using System.IO.Enumeration;
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;

namespace Holdfast.Core.Configuration;

/// <summary>/etc/holdfast/holdfast.json, read. What the file does not say is as here.</summary>
public sealed record DaemonConfiguration
{
    public string LedgerPath { get; init; } = Defaults.LedgerPath;

    public string SpoolPath { get; init; } = Defaults.SpoolPath;

    public long SpoolBytesMax { get; init; } = 64 << 20;

    public string SocketPath { get; init; } = Defaults.SocketPath;

    public string SocketGroup { get; init; } = Defaults.Group;

    public int RetentionDays { get; init; } = 365;

    /// <summary>Whether the daemon holds every XFS that is mounted.</summary>
    public bool HoldsMounts { get; init; } = true;

    /// <summary>Whether the kernel's events and messages of failed requests are heard.</summary>
    public bool HearsKernel { get; init; } = true;

    /// <summary>The instance of tracefs that keeps events for the daemon: one daemon has it alone.</summary>
    public string TraceInstance { get; init; } = "holdfast";

    /// <summary>How often the kernel's lists of bad blocks are looked at that do not say when they change.</summary>
    public int BadBlockSeconds { get; init; } = 60;

    /// <summary>Where lists are dropped that are to be taken in; null: nowhere.</summary>
    public string? ImportFolder { get; init; }

    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Devices that are read through every now and then; none unless somebody says so.</summary>
    public IReadOnlyList<ConfiguredScan> Scans { get; init; } = [];

    public IReadOnlyList<ConfiguredParty> Parties { get; init; } = [];

    public RuleSet Rules { get; init; } = RuleSet.None;

    public ActingLimits Acting { get; init; } = new();
}

/// <summary>What bounds everything that acts (C14).</summary>
public sealed record ActingLimits
{
    public bool Enabled { get; init; }

    /// <summary>What would be done is only put on record.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>More processes than this at once are left to a person: a bad page of libc is everybody's.</summary>
    public int ProcessesMax { get; init; } = 8;

    /// <summary>Attempts of acting rules within an hour, of all parties together.</summary>
    public int PerHourMax { get; init; } = 10;

    /// <summary>More pages of memory than this at once are not taken offline: that is left to a person.</summary>
    public int PagesMax { get; init; } = 8;

    /// <summary>Names of systemd units whose processes are never touched; * stands for any part.</summary>
    public IReadOnlyList<string> ProtectedUnits { get; init; } = [];

    /// <summary>Without them the machine does not go on, or nobody is told: protected without being named.</summary>
    private static readonly string[] AlwaysProtected =
        ["holdfastd.service", "init.scope", "systemd-*.service", "systemd-*.socket", "dbus*.service", "dbus.socket"];

    /// <param name="unit">By its full name.</param>
    public bool Protects(string unit) => ProtectedUnits.Concat(AlwaysProtected).Any(
        name => FileSystemName.MatchesSimpleExpression(
            name.Contains('.') || name.Contains('*') ? name : name + ".service", unit, ignoreCase: false));
}
