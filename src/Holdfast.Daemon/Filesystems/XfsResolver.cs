// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// Says what ranges of an XFS are, read from its devices with the log recovered in memory. Opened anew whenever more is
/// known to be bad: no answer may rest on bad bytes (C12).
/// </summary>
internal sealed class XfsResolver(IReadOnlyList<ClaimedRange> ranges, IReadOnlyDictionary<long, string> names)
    : IRangeResolver
{
    private readonly List<DeviceBlockSource> _devices = [];
    private RecoveredVolume? _volume;
    private ByteRangeSet _distrusted = ByteRangeSet.Empty;

    public Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
        long device, IReadOnlyList<ByteRange> asked, ByteRangeSet knownBad, CancellationToken cancellationToken) =>
        Task.Run(() => Resolve(device, asked, knownBad, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private IReadOnlyList<ResolvedRange> Resolve(
        long device, IReadOnlyList<ByteRange> asked, ByteRangeSet knownBad, CancellationToken cancellationToken)
    {
        ClaimedRange data = ranges.First(range => range.Role == DeviceRole.Data);
        if (device != data.Device) return [.. asked.Select(range => OfOtherDevice(device, range))];
        ByteRangeSet bad = ByteRangeSet.From(
            knownBad.Concat(asked).Select(range => range.Intersect(data.Range)).Where(range => !range.IsEmpty)
                .Select(range => new ByteRange(range.Offset - data.Range.Offset, range.Length)));
        RecoveredVolume volume = Open(data, bad);
        // All ranges in one pass; each is then given what lies in it.
        ByteRange[] inside = [.. asked.Select(range => range.Intersect(data.Range))];
        LocateAnswer answer = new Locator(volume.Volume).Locate(
            ByteRangeSet.From(inside.Where(range => !range.IsEmpty)
                .Select(range => new ByteRange(range.Offset - data.Range.Offset, range.Length))),
            cancellationToken: cancellationToken);
        string? gap = GapOf(volume, answer);
        var parts = new ImpactParts(answer.Impacts, gap);
        return [.. inside.Select(range => parts.Of(
            range.IsEmpty ? default : new(range.Offset - data.Range.Offset, range.Length)))];
    }

    private ResolvedRange OfOtherDevice(long device, ByteRange range)
    {
        ClaimedRange claimed = ranges.First(at => at.Device == device);
        if (claimed.Role != DeviceRole.Log)
        {
            return new(default, false, "realtime devices are not answered for");
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            ImpactJson.Write(json, new Impact
            {
                Owner = OwnerKind.Log, Device = DeviceRole.Log, Physical = range.Offset - claimed.Range.Offset,
                Length = range.Length, Severity = Severity.Metadata, Structure = "log",
                Cost = "what lies in a part of the log that recovery needs cannot be recovered",
            });
            json.WriteEndArray();
        }

        return new(buffer.WrittenMemory, true, null);
    }

    private RecoveredVolume Open(ClaimedRange data, ByteRangeSet bad)
    {
        if (_volume is not null && _distrusted.SequenceEqual(bad)) return _volume;
        Close();
        IBlockSource? log = null;
        if (ranges.FirstOrDefault(range => range.Role == DeviceRole.Log) is { } logRange) log = SourceOf(logRange);
        var source = new DistrustingBlockSource(SourceOf(data), bad);
        SuperblockRead superblock = new ClaimedDevices(source, log).ReadSuperblock(out BlockFault fault)
            ?? throw new InvalidDataException($"no XFS that can be read: {fault.Field} is {fault.Found}");
        StructuresReady ready = superblock.PrepareStructures();
        _volume = ready.Recover(RecoveryDepth.Mounted, out Fault? why) ?? ready.WithoutRecovery(why);
        _distrusted = bad;
        return _volume;
    }

    private IBlockSource SourceOf(ClaimedRange range)
    {
        var device = DeviceBlockSource.Open(names[range.Device]);
        _devices.Add(device);
        bool isWhole = range.Range.Offset == 0 && range.Range.Length >= device.Length;
        if (isWhole) return device;
        long length = Math.Min(range.Range.Length, device.Length - range.Range.Offset);
        if (length <= 0) throw new InvalidDataException($"{device.Name}: the claimed range lies behind its end");
        return new MappedBlockSource(
            $"{device.Name}+{range.Range.Offset}", [MappedSegment.Linear(0, length, device, range.Range.Offset)]);
    }

    private void Close()
    {
        foreach (DeviceBlockSource device in _devices) device.Dispose();
        _devices.Clear();
        _volume = null;
    }

    private static string? GapOf(RecoveredVolume volume, LocateAnswer answer)
    {
        if (volume.Stopped is { } stopped) return $"the log cannot be recovered: {stopped}";
        if (!volume.IsComplete) return "recovery of the log left something undone";
        if (answer.IsComplete) return null;
        Fault? fault = answer.Faults.FirstOrDefault(at => !at.IsWorkedAround);
        return fault is null ? "something could not be read" : $"{fault}";
    }
}
