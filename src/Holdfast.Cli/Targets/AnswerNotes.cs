// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Targets;

/// <summary>What has to be said about any answer for a filesystem: what it could not look at.</summary>
internal sealed class AnswerNotes
{
    private const int FaultsSaidMax = 20;

    private readonly XfsVolume _volume;
    private readonly List<string> _gaps = [];
    private readonly List<string> _notes = [];

    public AnswerNotes(OpenedTarget target)
    {
        _volume = target.Volume;
        Geometry geometry = _volume.Geometry;
        Features features = geometry.Features;
        if (target.Use == Use.InUse) _gaps.Add("the device is in use: the kernel's memory is newer than what was read");
        if (target.Use == Use.ShutDown)
        {
            _notes.Add("the filesystem has shut down: it was read from the device, with its log recovered in memory");
        }

        _gaps.AddRange(target.LayoutGaps);
        if (target.Volume.Faults.Dropped > 0)
        {
            _gaps.Add($"{target.Volume.Faults.Dropped} more faults were counted and not kept");
        }

        Log = target.Recovered.Log;
        if (LogCheck.Gap(target.Recovered) is { } gap) _gaps.Add(gap);
        if (LogCheck.Note(target.Recovered) is { } note) _notes.Add(note);
        foreach (Fault obstacle in target.Recovered.Obstacles.Take(FaultsSaidMax))
        {
            _gaps.Add($"a mount fails in recovery, this answer goes on without: {obstacle}");
        }

        foreach (Fault leak in target.Recovered.Leaks.Take(FaultsSaidMax))
        {
            _gaps.Add($"not freed, neither here nor by a mount: {leak}");
        }

        if (geometry.RealtimeBlocks > 0)
        {
            _notes.Add("the filesystem has a realtime device, which is not answered for: only its data device is");
        }

        if (features.UnknownReadOnly != 0)
        {
            _notes.Add($"unknown read-only features 0x{features.UnknownReadOnly:x} are passed over");
        }

        if (target.Node.Redundancy is { } redundancy) _notes.Add(redundancy);
        foreach (string missing in target.Node.Missing) _gaps.Add($"physical volume {missing} was not given");
    }

    /// <summary>Why the answer is incomplete.</summary>
    public IReadOnlyList<string> Gaps => _gaps;

    public IReadOnlyList<string> Notes => _notes;

    public LogState Log { get; }

    /// <summary>The faults of the answer, with those of the log.</summary>
    public IReadOnlyList<Fault> Faults => [.. _volume.Faults.ToList(), .. Log.Faults];

    /// <summary>For verbs whose answer has no place for them: says on stderr what is not known.</summary>
    /// <param name="complete">Whether the reader itself calls its answer complete.</param>
    public void Say(bool complete)
    {
        foreach (string note in _notes) Program.Say(note);
        foreach (string gap in _gaps) Program.Say($"incomplete: {gap}");
        int said = 0;
        foreach (Fault fault in Faults)
        {
            if (fault.IsWorkedAround) continue;
            if (said++ < FaultsSaidMax) Program.Say($"incomplete: {fault}");
        }

        if (said > FaultsSaidMax) Program.Say($"incomplete: and {said - FaultsSaidMax} more faults");
        if (!complete && said == 0 && _gaps.Count == 0) Program.Say("incomplete");
    }

    public ExitBits Bits(bool complete) => complete && _gaps.Count == 0 ? ExitBits.None : ExitBits.Incomplete;
}
