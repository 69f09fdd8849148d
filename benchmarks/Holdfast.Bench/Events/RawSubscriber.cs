// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;

namespace Holdfast.Bench.Events;

/// <summary>
/// A subscriber as plain as can be, on a thread of its own that waits for its socket: what a client library costs is
/// not the daemon's. Server-sent events, in HTTP's chunks.
/// </summary>
internal sealed class RawSubscriber : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly Action<NoticeJson, long> _heard;
    private int _begin;
    private int _end;

    /// <param name="heard">Given the notice and when its last byte was there, of <see cref="Stopwatch"/>.</param>
    internal RawSubscriber(string socket, string party, Action<NoticeJson, long> heard)
    {
        _heard = heard;
        _socket.Connect(new UnixDomainSocketEndPoint(socket));
        _socket.Send(Encoding.ASCII.GetBytes(
            $"GET /v1/parties/{party}/notices HTTP/1.1\r\nHost: holdfast\r\nAccept: text/event-stream\r\n\r\n"));
        new Thread(Listen) { IsBackground = true }.Start();
    }

    public void Dispose() => _socket.Dispose();

    private void Listen()
    {
        try
        {
            while (Line().Length > 0)
            {
                // The head of the answer.
            }

            var data = new MemoryStream();
            while (true)
            {
                int length = Convert.ToInt32(Line(), 16);
                data.Write(Take(length));
                Take(2);
                long now = Stopwatch.GetTimestamp();
                Tell(data, now);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // That is how it ends.
        }
    }

    /// <summary>All events that are whole; the rest stays.</summary>
    private void Tell(MemoryStream data, long now)
    {
        ReadOnlySpan<byte> text = data.GetBuffer().AsSpan(0, (int)data.Length);
        for (int end; (end = text.IndexOf("\n\n"u8)) >= 0; text = text[(end + 2)..])
        {
            ReadOnlySpan<byte> whole = text[..end];
            int at = whole.IndexOf("data: "u8);
            if (at < 0) continue;
            _heard(JsonSerializer.Deserialize(whole[(at + 6)..], ContractJson.Default.NoticeJson)!, now);
        }

        byte[] rest = text.ToArray();
        data.SetLength(0);
        data.Write(rest);
    }

    private string Line()
    {
        int end;
        while ((end = _buffer.AsSpan(_begin, _end - _begin).IndexOf("\r\n"u8)) < 0) Receive();
        string line = Encoding.ASCII.GetString(_buffer, _begin, end);
        _begin += end + 2;
        return line;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        while (_end - _begin < length) Receive();
        _begin += length;
        return _buffer.AsSpan(_begin - length, length);
    }

    private void Receive()
    {
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        int count = _socket.Receive(_buffer.AsSpan(_end));
        if (count == 0) throw new EndOfStreamException();
        _end += count;
    }
}
