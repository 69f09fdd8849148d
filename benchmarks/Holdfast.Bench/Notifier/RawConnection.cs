// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Bench.Notifier;

/// <summary>
/// One client's connection, as plain as can be: it shares the processors with the daemon that is measured.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _answer = new byte[1 << 20];

    internal RawConnection(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    internal static byte[] Get(string path) =>
        Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: holdfast\r\n\r\n");

    internal static byte[] Post(string path, string body) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"POST {path} HTTP/1.1\r\nHost: holdfast\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The status.</returns>
    internal int Ask(byte[] request)
    {
        _socket.Send(request);
        int have = 0;
        int head;
        while ((head = _answer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0) have += Receive(_answer.AsSpan(have));
        long left = LengthOf(_answer.AsSpan(0, head)) - (have - head - 4);
        int status = int.Parse(_answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        while (left > 0) left -= Receive(_answer);
        return status;
    }

    public void Dispose() => _socket.Dispose();

    private static long LengthOf(ReadOnlySpan<byte> head)
    {
        int at = head.IndexOf("Content-Length: "u8);
        if (at < 0) throw new InvalidDataException("an answer without its length");
        ReadOnlySpan<byte> rest = head[(at + "Content-Length: ".Length)..];
        int end = rest.IndexOf((byte)'\r');
        return long.Parse(end < 0 ? rest : rest[..end], CultureInfo.InvariantCulture);
    }

    private int Receive(Span<byte> into)
    {
        int count = _socket.Receive(into);
        return count > 0 ? count : throw new IOException("the daemon closed the connection");
    }
}
