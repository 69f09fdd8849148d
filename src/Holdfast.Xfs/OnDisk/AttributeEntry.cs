// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>One extended attribute, viewed in place: valid as long as the bytes that it was read from.</summary>
public readonly ref struct AttributeEntry
{
    internal AttributeEntry(AttributeBits flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Flags = flags;
        Name = name;
        Value = value;
        IsLocal = true;
        ValueLength = value.Length;
    }

    internal AttributeEntry(AttributeBits flags, ReadOnlySpan<byte> name, FileBlock valueBlock, int valueLength)
    {
        Flags = flags;
        Name = name;
        ValueBlock = valueBlock;
        ValueLength = valueLength;
    }

    public AttributeBits Flags { get; }

    /// <summary>Without the namespace; 1 to 255 bytes.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value beside the name; empty where it is remote.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>False: the value is in blocks of the attribute fork, see <see cref="AttributeRemoteValue"/>.</summary>
    public bool IsLocal { get; }

    /// <summary>Bytes, at most <see cref="AttributeRemoteValue.LengthMax"/>.</summary>
    public int ValueLength { get; }

    /// <summary>
    /// First block of a remote value in the attribute fork. 0 where the value is local, and where an incomplete
    /// attribute has no value yet.
    /// </summary>
    public FileBlock ValueBlock { get; }

    public bool IsIncomplete => (Flags & AttributeBits.Incomplete) != 0;

    public AttributeNamespace Namespace => Flags.Namespace();

    /// <summary>What kind of attribute it is, in the report's words: see <see cref="AttributeKinds"/>.</summary>
    public string Kind => AttributeKinds.Of(Namespace, Name);
}
