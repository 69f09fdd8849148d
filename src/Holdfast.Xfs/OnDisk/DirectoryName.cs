// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Names in directories and attributes: bytes, without an encoding. The hash is what the leaf blocks are sorted by.
/// </summary>
public static class DirectoryName
{
    /// <summary>Bytes.</summary>
    public const int LengthMax = 255;

    private const int HashRotation = 7; // bits, for each byte
    private const byte CaseBit = 0x20;

    /// <summary>Could the kernel have made an entry of this name? Not empty, no slash, no NUL.</summary>
    public static bool IsValid(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= LengthMax && name.IndexOfAny((byte)'/', (byte)0) < 0;

    /// <summary>The hash of a name; of an attribute's too, unless it is a parent pointer.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 0;
        foreach (byte letter in name) hash = letter ^ BitOperations.RotateLeft(hash, HashRotation);
        return hash;
    }

    /// <summary>The same in the directories of a case-insensitive filesystem (mkfs.xfs -n version=ci).</summary>
    public static uint HashIgnoringCase(ReadOnlySpan<byte> name)
    {
        uint hash = 0;
        foreach (byte letter in name) hash = Lower(letter) ^ BitOperations.RotateLeft(hash, HashRotation);
        return hash;
    }

    /// <summary>Are these one name to a case-insensitive filesystem?</summary>
    public static bool EqualsIgnoringCase(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length) return false;
        for (int at = 0; at < one.Length; at++) if (Lower(one[at]) != Lower(other[at])) return false;
        return true;
    }

    // Called ASCII, but the capitals of Latin-1 are folded with the others; the multiplication sign among them is not.
    private static byte Lower(byte letter) =>
        letter is (>= (byte)'A' and <= (byte)'Z') or (>= 0xC0 and <= 0xD6) or (>= 0xD8 and <= 0xDE)
            ? (byte)(letter + CaseBit)
            : letter;
}
