// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>
/// A daemon that says what a test wants: one answer a connection, in order, the last one again and again. An empty
/// answer is a connection that closes without a word.
/// </summary>
internal sealed class AnsweringSocket : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;

    public AnsweringSocket(string path, params string[] answers)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _serving = ServeAsync(answers);
    }

    public static string Answer(int status, string json) =>
        $"HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    public void Dispose()
    {
        _listener.Dispose();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync(string[] answers)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                using Socket connection = await _listener.AcceptAsync();
                await ReadRequestAsync(connection);
                await connection.SendAsync(Encoding.UTF8.GetBytes(answers[Math.Min(i, answers.Length - 1)]));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed: that is how it ends.
        }
    }

    /// <summary>Head and body: a connection that closes on unread bytes is reset before its answer is read.</summary>
    private static async Task ReadRequestAsync(Socket connection)
    {
        const string lengthName = "Content-Length: ";
        var request = new StringBuilder();
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            int count = await connection.ReceiveAsync(buffer);
            request.Append(Encoding.Latin1.GetString(buffer, 0, count));
            string text = request.ToString();
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (count == 0) return;
            if (head < 0) continue;
            int at = text.IndexOf(lengthName, StringComparison.Ordinal);
            int body = at < 0 ? 0 : int.Parse(text[(at + lengthName.Length)..].Split('\r')[0]);
            if (text.Length >= head + 4 + body) return;
        }
    }
}
