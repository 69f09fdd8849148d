// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Failures.Lists;

/// <summary>Reads one kernel log into a list of ranges for each device.</summary>
internal sealed class KernelLogReader(Stream stream, KernelLogOptions options)
{
    /// <summary>More devices than a machine has, and few enough that a forged log costs no memory.</summary>
    private const int DevicesMax = 4096;

    private readonly LineReader _lines = new(stream);
    private readonly List<Device> _devices = [];
    private readonly Dictionary<string, Device> _byName = [];
    private readonly ListFaults _faults = new();
    private Device? _last;
    private long _ranges;

    public KernelLog Read()
    {
        long writes = 0;
        long others = 0;
        long damaged = 0;
        long suppressed = 0;
        while (_lines.TryRead(out ReadOnlySpan<byte> line))
        {
            KernelLogLine parsed = KernelLogLine.Parse(line);
            switch (parsed.Meaning)
            {
                case KernelLogMeaning.FailedRead: Add(in parsed, line); break;
                case KernelLogMeaning.FailedWrite: writes++; break;
                case KernelLogMeaning.OtherError: others++; break;
                case KernelLogMeaning.DamagedMetadata: damaged++; break;
                case KernelLogMeaning.Suppressed: suppressed = AddCapped(suppressed, parsed.SuppressedCount); break;
                case KernelLogMeaning.Wrong: _faults.Add(_lines.Line, parsed.Problem, line); break;
                default: break;
            }
        }

        var devices = _devices.Select(d => new KernelLogDevice(d.Name, d.Ranges.Ranges, d.Lines));
        return new KernelLog([.. devices], new(writes, others, damaged, suppressed), _faults);
    }

    private static long AddCapped(long sum, long count) => sum > long.MaxValue - count ? long.MaxValue : sum + count;

    private void Add(in KernelLogLine blamed, ReadOnlySpan<byte> line)
    {
        string? problem = _lines.IsCut ? LineReader.CutProblem : "the place lies past 2^63 - 1 bytes";
        if (!_lines.IsCut && TryRange(in blamed, out ByteRange range))
        {
            Device? device = DeviceOf(blamed.Device);
            problem = device is null ? "too many devices in one log" : Add(device, range);
        }

        if (problem is not null) _faults.Add(_lines.Line, problem, line);
    }

    private string? Add(Device device, ByteRange range)
    {
        int before = device.Ranges.Ranges.Count;
        if (_ranges == RangeList.RangesMax) return "too many ranges in one log";
        device.Ranges.TryAdd(range);
        device.Lines++;
        _ranges += device.Ranges.Ranges.Count - before;
        return null;
    }

    private bool TryRange(in KernelLogLine blamed, out ByteRange range)
    {
        bool buffer = blamed.Unit == 0;
        long unit = buffer ? options.BufferBlockSize : blamed.Unit;
        if (!SectorText.TryRange(blamed.Start, Math.Max(blamed.Count, 1), unit, out range)) return false;
        if (buffer || blamed.Count > 0) return true;
        // One sector of the kernel's without a length: the physical sector that holds it.
        long sector = range.Offset - (range.Offset % options.PhysicalSectorSize);
        if (sector > long.MaxValue - options.PhysicalSectorSize) return false;
        range = new(sector, options.PhysicalSectorSize);
        return true;
    }

    private Device? DeviceOf(ReadOnlySpan<byte> name)
    {
        // One device fails many times in a row.
        if (_last is not null && name.SequenceEqual(_last.NameBytes)) return _last;
        string text = Encoding.ASCII.GetString(name);
        if (!_byName.TryGetValue(text, out Device? device))
        {
            if (_devices.Count == DevicesMax) return null;
            device = new(text, name.ToArray());
            _devices.Add(device);
            _byName.Add(text, device);
        }

        _last = device;
        return device;
    }

    private sealed class Device(string name, byte[] nameBytes)
    {
        public string Name => name;

        public byte[] NameBytes => nameBytes;

        public RangeCollector Ranges { get; } = new(Confidence.Low);

        public long Lines { get; set; }
    }
}
