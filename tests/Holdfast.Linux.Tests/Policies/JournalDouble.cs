// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>Listens where the journal would, and reads its native protocol.</summary>
internal sealed class JournalDouble : IDisposable
{
    private const int LineMax = 1 << 20;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _place;
    private readonly byte[] _buffer = new byte[LineMax];
    private readonly BlockingCollection<List<(string Name, string Value)>> _heard = [];
    private readonly List<List<(string Name, string Value)>> _lines = [];
    private Thread? _listening;

    internal JournalDouble(string path)
    {
        _place = new(path);
        _socket.Bind(_place);
    }

    public void Dispose()
    {
        if (_listening is { IsAlive: true }) Send([]);
        _listening?.Join();
        _heard.Dispose();
        _socket.Dispose();
    }

    /// <summary>From now on reads all the time, as the journal does: its queue is a short one.</summary>
    internal void Listen()
    {
        _listening = new(() =>
        {
            while (Receive() is { Count: > 0 } line) _heard.Add(line);
            _heard.CompleteAdding();
        });
        _listening.Start();
    }

    /// <summary>All lines that were sent before this call.</summary>
    internal IReadOnlyList<List<(string Name, string Value)>> Lines()
    {
        const string mark = "MARK";
        Send([.. "MARK\n"u8, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'\n']);
        while (_heard.Take() is var line && line[0].Name != mark) _lines.Add(line);
        return _lines;
    }

    private void Send(byte[] datagram)
    {
        using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        sender.SendTo(datagram, _place);
    }

    /// <summary>The next line; waits for it.</summary>
    internal List<(string Name, string Value)> Receive()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(0, _socket.Receive(_buffer));
        var fields = new List<(string, string)>();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            string name = Encoding.ASCII.GetString(rest[..end]);
            rest = rest[(end + 1)..];
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            rest = rest[sizeof(ulong)..];
            fields.Add((name, Encoding.UTF8.GetString(rest[..length])));
            Assert.Equal((byte)'\n', rest[length]);
            rest = rest[(length + 1)..];
        }

        return fields;
    }
}
