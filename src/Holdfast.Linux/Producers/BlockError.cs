// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Producers;

/// <summary>A request that the block layer could not complete (block:block_rq_error).</summary>
/// <param name="Range">Bytes of the device: the whole request, of which one sector may have done it.</param>
/// <param name="Errno">Of errno(3), positive.</param>
public readonly record struct BlockError(DeviceNumber Device, ByteRange Range, MediaOperation Operation, int Errno)
{
    private const int SectorSize = 512;

    // The kernel's own number of a device: 12 bits of major, 20 of minor.
    private const int MinorBits = 20;

    /// <summary>The fields that <see cref="TryParse"/> needs.</summary>
    public static readonly string[] Fields = ["dev", "sector", "nr_sector", "error", "rwbs"];

    /// <returns>False for another event, and for a request that names no place (a flush).</returns>
    public static bool TryParse(TraceFormat format, ReadOnlySpan<byte> data, out BlockError error)
    {
        error = default;
        if (data.Length < sizeof(ushort) || MemoryMarshal.Read<ushort>(data) != format.Id) return false;
        if (!format["dev"].TryRead(data, out long device)) return false;
        if (!format["sector"].TryRead(data, out long sector)) return false;
        if (!format["nr_sector"].TryRead(data, out long count) || !format["error"].TryRead(data, out long errno))
        {
            return false;
        }

        TraceField flags = format["rwbs"];
        if (flags.Offset + flags.Size > data.Length) return false;
        if (sector < 0 || count <= 0 || sector > (long.MaxValue / SectorSize) - count) return false;
        error = new(
            new((uint)(device >> MinorBits), (uint)device & ((1u << MinorBits) - 1)),
            new(sector * SectorSize, count * SectorSize), OperationOf(data.Slice(flags.Offset, flags.Size)),
            (int)Math.Abs(errno));
        return true;
    }

    /// <summary>Letters of what was asked (blk_fill_rwbs): maybe F for a flush, then one of R, W, D, E, Z, N.</summary>
    private static MediaOperation OperationOf(ReadOnlySpan<byte> letters)
    {
        int at = letters.Length > 1 && letters[0] == 'F' && letters[1] is (byte)'W' or (byte)'R' ? 1 : 0;
        return letters[at] switch
        {
            (byte)'R' => MediaOperation.Read,
            (byte)'W' => MediaOperation.Write,
            _ => MediaOperation.Other,
        };
    }
}
