// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Failures.Impacts;

/// <summary>
/// A path inside a filesystem, as the bytes the filesystem holds: relative to its root, no leading slash, the root
/// itself empty. File names are bytes, not text; <see cref="ToString"/> is for people and may be lossy.
/// </summary>
public readonly struct PathName(ReadOnlyMemory<byte> bytes) : IEquatable<PathName>, IComparable<PathName>
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>The path of a name in the directory of this path.</summary>
    public PathName Under(ReadOnlySpan<byte> name)
    {
        if (Bytes.IsEmpty) return new(name.ToArray());
        byte[] path = new byte[Bytes.Length + 1 + name.Length];
        Bytes.Span.CopyTo(path);
        path[Bytes.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(Bytes.Length + 1));
        return new(path);
    }

    public bool IsUtf8
    {
        get
        {
            try
            {
                Strict.GetCharCount(Bytes.Span);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }

    public static PathName FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    public bool Equals(PathName other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    public int CompareTo(PathName other) => Bytes.Span.SequenceCompareTo(other.Bytes.Span);

    public override bool Equals(object? obj) => obj is PathName other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);

    public static bool operator ==(PathName left, PathName right) => left.Equals(right);

    public static bool operator !=(PathName left, PathName right) => !left.Equals(right);

    public static bool operator <(PathName left, PathName right) => left.CompareTo(right) < 0;

    public static bool operator >(PathName left, PathName right) => left.CompareTo(right) > 0;

    public static bool operator <=(PathName left, PathName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PathName left, PathName right) => left.CompareTo(right) >= 0;
}
