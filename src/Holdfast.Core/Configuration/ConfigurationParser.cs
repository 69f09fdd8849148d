// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;

namespace Holdfast.Core.Configuration;

/// <summary>JSON with comments, read into nodes that know their line.</summary>
internal ref struct ConfigurationParser
{
    private const int DepthMax = 16;

    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _reader;
    private int _counted;
    private int _line = 1;
    private int _column = 1;

    private ConfigurationParser(ReadOnlySpan<byte> text)
    {
        _text = text;
        _reader = new(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = DepthMax,
        });
    }

    /// <summary>Null where the text is no JSON.</summary>
    internal static ConfigurationNode? Parse(ReadOnlySpan<byte> text, out ConfigurationFault? fault)
    {
        fault = null;
        // Some editors begin a file so.
        if (text.StartsWith(Encoding.UTF8.Preamble)) text = text[Encoding.UTF8.Preamble.Length..];
        var parser = new ConfigurationParser(text);
        try
        {
            parser._reader.Read();
            ConfigurationNode root = parser.Value();
            while (parser._reader.Read())
            {
            }

            return root;
        }
        catch (JsonException e)
        {
            fault = parser.FaultAt((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0));
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text that cannot be decoded: bytes that are no UTF-8, or half of a surrogate pair.
            (int line, int column) = parser.Where();
            fault = new(line, column, "this text is not UTF-8");
            return null;
        }
    }

    /// <summary>The runtime's own messages are not to be had in a trimmed program: what stands there is told.</summary>
    private readonly ConfigurationFault FaultAt(int line, int column)
    {
        ReadOnlySpan<byte> at = _text;
        for (int i = 0; i < line && at.Contains((byte)'\n'); i++) at = at[(at.IndexOf((byte)'\n') + 1)..];
        column = Math.Min(column, at.Length);
        int characters = Encoding.UTF8.GetCharCount(at[..column]) + 1;
        at = at[column..];
        if (at.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            return new(line + 1, characters, "the file ends too early: a bracket, quote or value is missing");
        }

        if (_reader.CurrentDepth >= DepthMax) return new(line + 1, characters, "brackets are nested too deeply");
        string found = at[0] is > 0x20 and < 0x7f ? $"'{(char)at[0]}'" : $"byte 0x{at[0]:x2}";
        return new(
            line + 1, characters,
            $"this is no JSON: {found} cannot stand here (is a comma or quote missing before it?)");
    }

    private ConfigurationNode Value()
    {
        (int line, int column) = Where();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(line, column);
            case JsonTokenType.StartArray:
                var array = new ConfigurationNode(NodeKind.Array, line, column);
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) array.Items.Add(Value());
                return array;
            case JsonTokenType.String:
                return new(NodeKind.Text, line, column) { Text = _reader.GetString()! };
            case JsonTokenType.Number:
                return new(NodeKind.Number, line, column)
                {
                    Number = _reader.TryGetDecimal(out decimal number) ? number : decimal.MaxValue,
                };
            case JsonTokenType.True or JsonTokenType.False:
                return new(NodeKind.Flag, line, column) { Flag = _reader.GetBoolean() };
            default:
                return new(NodeKind.Null, line, column);
        }
    }

    private ConfigurationNode Object(int line, int column)
    {
        var node = new ConfigurationNode(NodeKind.Object, line, column);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            (int nameLine, int nameColumn) = Where();
            string name = _reader.GetString()!;
            _reader.Read();
            node.Members.Add((name, new(NodeKind.Text, nameLine, nameColumn), Value()));
        }

        return node;
    }

    /// <summary>Columns count characters, as editors do. Goes on from the last place: files may be long.</summary>
    private (int Line, int Column) Where()
    {
        int at = (int)_reader.TokenStartIndex;
        ReadOnlySpan<byte> passed = _text[_counted..at];
        int breaks = passed.Count((byte)'\n');
        if (breaks > 0)
        {
            _line += breaks;
            _column = 1;
            passed = passed[(passed.LastIndexOf((byte)'\n') + 1)..];
        }

        _column += Encoding.UTF8.GetCharCount(passed);
        _counted = at;
        return (_line, _column);
    }
}
