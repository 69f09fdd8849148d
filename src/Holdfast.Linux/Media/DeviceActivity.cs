// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Media;

/// <summary>What disks have done since they are there.</summary>
/// <param name="Requests">Reads and writes that ended.</param>
/// <param name="Bytes">That they read and wrote.</param>
/// <param name="Busy">How long they lasted, all together.</param>
internal readonly record struct Activity(long Requests, long Bytes, TimeSpan Busy)
{
    public static Activity operator +(Activity left, Activity right) =>
        new(left.Requests + right.Requests, left.Bytes + right.Bytes, left.Busy + right.Busy);

    public static Activity operator -(Activity left, Activity right) =>
        new(left.Requests - right.Requests, left.Bytes - right.Bytes, left.Busy - right.Busy);
}

/// <summary>
/// The counters of the disks that a device lies on (/sys/block/DISK/stat, block/stat.rst): whoever uses another
/// partition or volume of them uses them too. A disk that does not count (queue/iostats) looks unused.
/// </summary>
internal sealed unsafe class DeviceActivity : IDisposable
{
    private const int DisksMax = 64;
    private const int TextMax = 512;
    private const int SectorSize = 512;

    // Places in the line: of reads, of writes.
    private static readonly (int Count, int Sectors, int Milliseconds)[] Fields = [(0, 2, 3), (4, 6, 7)];

    private readonly List<SafeFileHandle> _counters = [];

    private DeviceActivity(int requestMax) => RequestMax = requestMax;

    /// <summary>Bytes of the largest request that every one of the disks takes (queue/max_sectors_kb).</summary>
    internal int RequestMax { get; private set; }

    /// <returns>Null where a path is no device, or one that is not counted.</returns>
    internal static DeviceActivity? Open(string path, KernelRoots roots) =>
        BlockDevice.At(path, roots) is { } device ? Open(device.Number, roots) : null;

    /// <inheritdoc cref="Open(string, KernelRoots)"/>
    internal static DeviceActivity? Open(DeviceNumber number, KernelRoots roots)
    {
        if (BlockDevice.Find(roots, number) is not { } device) return null;
        var found = new DeviceActivity(int.MaxValue);
        foreach (BlockDevice disk in DisksUnder(device))
        {
            found.Add(Path.Combine(roots.Sys, "dev/block", disk.Number.ToString()));
        }

        if (found._counters.Count > 0) return found;
        found.Dispose();
        return null;
    }

    internal Activity Read()
    {
        var sum = default(Activity);
        byte* text = stackalloc byte[TextMax];
        foreach (SafeFileHandle counter in _counters)
        {
            nint length = Native.ReadFrom(counter, text, TextMax, 0);
            // One that has gone away does nothing.
            if (length > 0) sum += Parse(new ReadOnlySpan<byte>(text, (int)length));
        }

        return sum;
    }

    internal static Activity Parse(ReadOnlySpan<byte> line)
    {
        Span<long> values = stackalloc long[8];
        for (int i = 0; i < values.Length; i++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out values[i], out int used)) return default;
            line = line[used..];
        }

        var sum = default(Activity);
        foreach ((int count, int sectors, int milliseconds) in Fields)
        {
            sum += new Activity(
                values[count], values[sectors] * SectorSize, TimeSpan.FromMilliseconds(values[milliseconds]));
        }

        return sum;
    }

    public void Dispose()
    {
        foreach (SafeFileHandle counter in _counters) counter.Dispose();
    }

    private void Add(string folder)
    {
        SafeFileHandle counter = Native.Open(Path.Combine(folder, "stat"), Native.O_RDONLY | Native.O_CLOEXEC);
        if (counter.IsInvalid) return;
        _counters.Add(counter);
        string limit = Path.Combine(folder, "queue/max_sectors_kb");
        if (!File.Exists(limit)) return;
        bool isRead = int.TryParse(
            File.ReadAllText(limit), NumberStyles.Integer, CultureInfo.InvariantCulture, out int kilobytes);
        if (isRead && kilobytes is > 0 and < int.MaxValue >> 10) RequestMax = Math.Min(RequestMax, kilobytes << 10);
    }

    /// <summary>Those at the bottom, as far as sysfs shows them.</summary>
    private static IEnumerable<BlockDevice> DisksUnder(BlockDevice device)
    {
        var stack = new List<BlockDevice> { device.Disk ?? device };
        for (int i = 0; i < stack.Count; i++)
        {
            BlockDevice[] members = [.. stack[i].Members.Select(member => member.Disk ?? member)];
            if (members.Length == 0) yield return stack[i];
            foreach (BlockDevice member in members)
            {
                if (stack.Count < DisksMax && !stack.Exists(at => at.Number == member.Number)) stack.Add(member);
            }
        }
    }
}
