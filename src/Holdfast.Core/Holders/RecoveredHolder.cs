// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Holders;

/// <summary>
/// A holder whose log is recovered and whose instance is known. Whatever needs structures asks for this and not for a
/// <see cref="Holder"/>, so that nothing can be asked too early (C3).
/// </summary>
public sealed class RecoveredHolder
{
    private RecoveredHolder(Holder holder, long instance)
    {
        Holder = holder;
        Instance = instance;
    }

    public Holder Holder { get; }

    public long Instance { get; }

    /// <summary>Null while there is nothing to ask.</summary>
    public static RecoveredHolder? From(Holder holder) =>
        holder is { State: HolderState.LogRecovered or HolderState.Live, Instance: { } instance }
            ? new(holder, instance)
            : null;
}
