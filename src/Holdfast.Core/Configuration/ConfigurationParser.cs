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
            string message = e.Message.Split(" LineNumber:")[0];
            fault = new((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1, message);
            return null;
        }
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

    /// <summary>Columns count characters, as editors do.</summary>
    private readonly (int Line, int Column) Where()
    {
        ReadOnlySpan<byte> before = _text[..(int)_reader.TokenStartIndex];
        int line = before.Count((byte)'\n') + 1;
        return (line, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }
}
