// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Devices.Layouts;

/// <summary>One entry of a GPT, viewed in place. First and last block both belong to the partition.</summary>
internal readonly ref struct GptEntry(ReadOnlySpan<byte> bytes)
{
    internal const int Size = NameAt + NameSize;

    private const int NameSize = 36 * sizeof(char);
    private const int TypeAt = 0;
    private const int UuidAt = TypeAt + 16;
    private const int FirstAt = UuidAt + 16;
    private const int LastAt = FirstAt + sizeof(ulong);
    private const int AttributesAt = LastAt + sizeof(ulong);
    private const int NameAt = AttributesAt + sizeof(ulong);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    internal Guid Type => _bytes.Guid(TypeAt);

    internal Guid Uuid => _bytes.Guid(UuidAt);

    internal ulong First => _bytes.U64(FirstAt);

    internal ulong Last => _bytes.U64(LastAt);

    internal bool IsUsed => Type != System.Guid.Empty;

    internal string Name
    {
        get
        {
            string whole = Encoding.Unicode.GetString(_bytes.Slice(NameAt, NameSize));
            int end = whole.IndexOf('\0', StringComparison.Ordinal);
            return Printable.Of(end < 0 ? whole : whole[..end]);
        }
    }
}
