// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Holdfast.Core.Policies;
using Polly;

namespace Holdfast.Linux.Policies;

/// <summary>
/// systemd's journal by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram of fields, each with its
/// length, so that no content can pass for another field. Standard error where there is no journal.
/// </summary>
/// <param name="path">/run/systemd/journal/socket.</param>
public sealed class JournalSink(string path, TextWriter otherwise) : ILogSink
{
    public const string SocketPath = "/run/systemd/journal/socket";

    /// <summary>Longer fields are left out: a datagram has a limit, and the record has it all.</summary>
    private const int FieldMax = 64 << 10;
    private const int ShortFieldMax = 512;

    /// <summary>The queue of a datagram socket is a short one: a journal that is behind is given a second.</summary>
    private static readonly ResiliencePipeline<SocketError> UntilTaken = new ResiliencePipelineBuilder<SocketError>()
        .AddRetry(new()
        {
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result == SocketError.WouldBlock),
            Delay = TimeSpan.FromMilliseconds(5),
            MaxRetryAttempts = 200,
        }).Build();

    public async Task WriteAsync(
        int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields,
        CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            await otherwise.WriteLineAsync($"<{priority}>{message.ReplaceLineEndings(" ")}");
            return;
        }

        if (await TrySendAsync(DatagramOf(priority, message, fields, FieldMax), cancellationToken)) return;
        // Larger than this socket takes: what is long is in the ledger.
        if (!await TrySendAsync(DatagramOf(priority, message, fields, ShortFieldMax), cancellationToken))
        {
            throw new IOException("the journal does not take a line of this length");
        }
    }

    /// <summary>False where the datagram is too large.</summary>
    private async Task<bool> TrySendAsync(byte[] datagram, CancellationToken cancellationToken)
    {
        SocketError outcome = await UntilTaken.ExecuteAsync(
            _ => ValueTask.FromResult(Send(datagram)), cancellationToken);
        return outcome switch
        {
            SocketError.Success => true,
            SocketError.MessageSize => false,
            _ => throw new IOException($"the journal cannot be written to: {outcome}"),
        };
    }

    private SocketError Send(byte[] datagram)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // Never waits by itself: a journal that hangs must not hold us up.
            socket.Blocking = false;
            socket.SendTo(datagram, new UnixDomainSocketEndPoint(path));
            return SocketError.Success;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode;
        }
    }

    private static byte[] DatagramOf(
        int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields, int fieldMax)
    {
        using var datagram = new MemoryStream();
        Add(datagram, "PRIORITY", $"{priority}");
        Add(datagram, "SYSLOG_IDENTIFIER", "holdfastd");
        Add(datagram, "MESSAGE", message);
        foreach ((string name, string value) in fields)
        {
            if (value.Length <= fieldMax) Add(datagram, name, value);
        }

        return datagram.ToArray();
    }

    private static void Add(MemoryStream datagram, string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        datagram.Write(Encoding.ASCII.GetBytes(name + "\n"));
        datagram.Write(length);
        datagram.Write(bytes);
        datagram.WriteByte((byte)'\n');
    }
}
