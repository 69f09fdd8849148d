// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Policies;

/// <summary>The start of what a program said. The rest is read and dropped: it never waits for us.</summary>
internal sealed class KeptOutput
{
    private const int ReadsMax = 64;

    // One byte more than is shown tells that there was more.
    private readonly byte[] _kept = new byte[PlainText.BytesMax + 1];
    private readonly byte[] _buffer = new byte[16 << 10];
    private int _length;

    internal string Text => PlainText.Of(_kept.AsSpan(0, _length)).TrimEnd();

    /// <summary>Reads what is there now; not without end from one that never stops.</summary>
    internal void ReadFrom(ChildProcess child)
    {
        for (int i = 0; i < ReadsMax && child.Read(_buffer) is > 0 and var read; i++)
        {
            int take = Math.Min(read, _kept.Length - _length);
            _buffer.AsSpan(0, take).CopyTo(_kept.AsSpan(_length));
            _length += take;
        }
    }
}
