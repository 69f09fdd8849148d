// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Holders;

/// <summary>Why a holder's word was refused.</summary>
public enum HolderRefusal
{
    /// <summary>Another holder has some of the bytes (C2).</summary>
    HeldBy,

    /// <summary>The word comes under an epoch that is over (C2).</summary>
    StaleEpoch,

    /// <summary>The lease ended: it must claim again.</summary>
    LeaseEnded,

    /// <summary>A lifecycle goes forward only; a new claim begins a new one.</summary>
    StateOrder,

    /// <summary>The claim makes no sense: no filesystem although its superblock is read, ranges that overlap…</summary>
    Malformed,

    /// <summary>There is no such instance, or it is no candidate.</summary>
    UnknownInstance,
}

/// <summary>A claim, or a word under one, that was refused.</summary>
public sealed class HolderRefusedException(HolderRefusal refusal, string message, string? holder = null)
    : Exception(message)
{
    public HolderRefusal Refusal { get; } = refusal;

    /// <summary>The holder that is in the way.</summary>
    public string? Holder { get; } = holder;
}
