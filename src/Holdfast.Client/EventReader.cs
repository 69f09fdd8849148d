// SPDX-License-Identifier: Apache-2.0

namespace Holdfast.Client;

/// <summary>
/// The data of server-sent events, one after the other. A daemon that says nothing at all for too long, not even that
/// it is there, counts as gone: it may hang.
/// </summary>
internal sealed class EventReader(Stream stream, TimeSpan quietMax) : IDisposable
{
    private const int EventMax = 64 << 20;
    private const int ChunkSize = 16 << 10;
    private readonly byte[] _chunk = new byte[ChunkSize];
    private readonly MemoryStream _line = new();
    private readonly MemoryStream _data = new();
    private int _at;
    private int _end;

    /// <summary>The next event's data; null where the stream has ended.</summary>
    /// <exception cref="IOException">The connection broke, was silent for too long, or an event is too
    /// long.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _data.SetLength(0);
        // What is left when the stream ends is half an event: the daemon sends it again.
        while (await ReadLineAsync(cancellationToken))
        {
            if (_line.Length == 0 && _data.Length > 0) return _data.GetBuffer().AsMemory(0, (int)_data.Length);
            AddData();
        }

        return null;
    }

    public void Dispose()
    {
        _line.Dispose();
        _data.Dispose();
    }

    /// <summary>Comments, ids and names of events are of no use here: a notice has its place in itself.</summary>
    private void AddData()
    {
        ReadOnlySpan<byte> line = _line.GetBuffer().AsSpan(0, (int)_line.Length);
        if (!line.StartsWith("data:"u8)) return;
        line = line["data:"u8.Length..];
        if (line.StartsWith((byte)' ')) line = line[1..];
        if (_data.Length > 0) _data.WriteByte((byte)'\n');
        if (_data.Length + line.Length > EventMax) throw new IOException($"an event of more than {EventMax} bytes");
        _data.Write(line);
    }

    private async Task<bool> ReadLineAsync(CancellationToken cancellationToken)
    {
        _line.SetLength(0);
        while (true)
        {
            if (_at == _end && !await FillAsync(cancellationToken)) return false;
            int length = _chunk.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            int taken = length < 0 ? _end - _at : length;
            if (_line.Length + taken > EventMax) throw new IOException($"an event of more than {EventMax} bytes");
            _line.Write(_chunk, _at, taken);
            _at += length < 0 ? taken : taken + 1;
            if (length < 0) continue;
            if (_line.Length > 0 && _line.GetBuffer()[_line.Length - 1] == '\r') _line.SetLength(_line.Length - 1);
            return true;
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(quietMax);
        try
        {
            _at = 0;
            _end = await stream.ReadAsync(_chunk, limit.Token);
            return _end > 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the daemon has not said anything for {quietMax.TotalSeconds:0} seconds");
        }
    }
}
