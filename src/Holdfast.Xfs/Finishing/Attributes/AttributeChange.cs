// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>One attribute that is looked for, put in or taken out, and where that was found to be.</summary>
internal sealed class AttributeChange
{
    public required ReadOnlyMemory<byte> Name { get; set; }

    public ReadOnlyMemory<byte> Value { get; set; }

    /// <summary>The namespace; with <see cref="AttributeBits.Incomplete"/> only what is marked so is meant.</summary>
    public required AttributeBits Filter { get; set; }

    public required uint Hash { get; set; }

    /// <summary>Recovery takes an attribute that is marked incomplete for the one that it looks for.</summary>
    public bool IsRecovery { get; init; }

    /// <summary>The old one goes first; the new one is still to come.</summary>
    public bool IsReplacement { get; set; }

    /// <summary>An attribute is to be put in: the fork stays although the last one leaves it.</summary>
    public bool IsAddition { get; set; }

    /// <summary>The leaf: block of the fork.</summary>
    public uint Block { get; set; }

    /// <summary>The entry in the leaf: the one found, or before which the new one goes.</summary>
    public int Index { get; set; }

    /// <summary>First block of the remote value; 0 where there is none.</summary>
    public uint RemoteBlock { get; set; }

    public uint RemoteCount { get; set; }

    /// <summary>Bytes.</summary>
    public int RemoteLength { get; set; }

    /// <summary>Blocks that putting it in may still take, as far as the kernel knows.</summary>
    public uint Reserve { get; set; }

    public bool Matches(AttributeBits flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isLocal)
    {
        if (!name.SequenceEqual(Name.Span)) return false;
        // Links of one name from several directories are told apart by their values; those are never remote.
        if ((flags & AttributeBits.Parent) != 0 && !(isLocal && value.SequenceEqual(Value.Span))) return false;
        if (IsRecovery && Filter == (flags & AttributeBitRules.Namespaces)) return true;
        return Filter == (flags & (AttributeBitRules.Namespaces | AttributeBits.Incomplete));
    }

    public bool Matches(in AttributeEntry entry) => Matches(entry.Flags, entry.Name, entry.Value, entry.IsLocal);

    /// <summary>The hash that an attribute is sorted by.</summary>
    public static uint HashOf(
        Features features, AttributeBits flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if ((flags & AttributeBits.Parent) == 0) return DirectoryName.Hash(name);
        if (value.Length != ParentPointer.Size) return 0;
        uint hash = features.CaseInsensitive ? DirectoryName.HashIgnoringCase(name) : DirectoryName.Hash(name);
        return ParentPointer.Hash(hash, new(value.U64(0)));
    }
}
