// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Core.Tests.Policies;

/// <summary>What came in one request.</summary>
internal sealed record ReceivedRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A web server for one answer a connection, so simple that it can answer wrongly.</summary>
internal sealed class HttpReceiver : IAsyncDisposable, IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="answer">The whole answer; empty: none at all, the connection stays open.</param>
    internal HttpReceiver(byte[] answer)
    {
        _listener.Start();
        _running = RunAsync(answer);
    }

    internal HttpReceiver(string answer)
        : this(Encoding.UTF8.GetBytes(answer.ReplaceLineEndings("\r\n")))
    {
    }

    internal List<ReceivedRequest> Received { get; } = [];

    internal Uri Url => new($"http://{_listener.LocalEndpoint}/hook?token=t0ken");

    /// <summary>Stops without waiting for the end.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                NetworkStream stream = client.GetStream();
                ReceivedRequest request = await ReadAsync(stream);
                lock (Received) Received.Add(request);
                if (answer.Length == 0) await Task.Delay(Timeout.Infinite, _stop.Token);
                await stream.WriteAsync(answer, _stop.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or SocketException)
        {
            // The test is over, or the client has gone.
        }
    }

    private async Task<ReceivedRequest> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new(lines[0], headers, body);
    }
}
