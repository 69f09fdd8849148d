// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Contract;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Daemon.Filesystems;
using Holdfast.Failures;
using Holdfast.Linux;

namespace Holdfast.Daemon.Api;

/// <summary>What callers sent, checked and turned into Core's words.</summary>
internal static class Requests
{
    private const int TextMax = 4096;
    private const int KeyMax = 256;

    /// <param name="request">As it was sent, or left in the spool.</param>
    /// <param name="device">What it is about.</param>
    /// <param name="member">
    /// The user who says so, null for root. It is on record whatever they call themselves, and a key of theirs is never
    /// another one's: else whoever guesses it could have a report taken for known.
    /// </param>
    /// <exception cref="Problem">400, 413.</exception>
    internal static Report ReportOf(ReportRequest request, DeviceIdentity device, uint? member)
    {
        if (request.Ranges.Count > Defaults.RangesMax)
        {
            throw new Problem(413, "too_large", $"a report has at most {Defaults.RangesMax} ranges");
        }

        if (request.Ranges.Count == 0 && !request.Complete) throw Problem.BadRequest("a report has at least one range");
        // A careful reading is the daemon's own, and nobody's word.
        if (!Words.TryParse(request.Basis, out ReportBasis basis) || basis is ReportBasis.Probe or ReportBasis.Scan)
        {
            throw Problem.BadRequest("basis is one of error, list, claim");
        }

        if (request.Complete && basis != ReportBasis.List) throw Problem.BadRequest("only a list can be complete");
        FailureKind kind = FailureKind.Media;
        if (request.Kind is not null && !Words.TryParse(request.Kind, out kind))
        {
            throw Problem.BadRequest($"kind is one of {Words.All<FailureKind>()}");
        }

        string key = Text(request.Key, "key", KeyMax);
        string source = Text(request.Source, "source", KeyMax).Replace(' ', '_');
        return new()
        {
            Key = member is null ? key : $"user:{member}/{key}",
            Source = member is null ? source : $"{source}/user:{member}",
            Time = request.Time,
            Device = device,
            Kind = kind,
            Medium = kind == FailureKind.Absent ? MediumState.Gone : MediumState.Suspect,
            Basis = basis,
            IsComplete = request.Complete,
            Scope = request.Scope is { } scope ? RangeOf(scope.Offset, scope.Length) : null,
            Ranges = ByteRangeSet.From(request.Ranges.Select(range => RangeOf(range.Offset, range.Length))),
        };
    }

    internal static async Task<HolderClaim> ClaimOfAsync(string name, HolderRequest request, DeviceLookup devices)
    {
        if (!Words.TryParse(request.State, out HolderState state))
        {
            throw Problem.BadRequest($"state is one of {Words.All<HolderState>()}");
        }

        if (request.LeaseS is < 1 or > 86400) throw Problem.BadRequest("lease_s is from 1 to 86400");
        if (request.Ranges.Count > 64) throw Problem.BadRequest("a claim has at most 64 ranges");
        var ranges = new List<HolderRange>(request.Ranges.Count);
        foreach (HolderRangeJson range in request.Ranges) ranges.Add(await ClaimedOfAsync(range, devices));
        return new()
        {
            Name = name,
            State = state,
            Ranges = ranges,
            Places = ClaimPlaces.Of(ranges, KernelRoots.Real),
            Filesystem = request.Fs is { } fs
                ? new(Text(fs.Type, "fs.type", 32), Text(fs.Uuid, "fs.uuid", 64).ToLowerInvariant(), fs.MetadataUuid)
                : null,
            Decisions = DecisionsOf(request.Decisions),
            Lease = TimeSpan.FromSeconds(request.LeaseS),
            Epoch = request.Epoch,
        };
    }

    internal static PartyFilter FilterOf(FilterJson? filter)
    {
        if (filter is null) return new(null, null, null, null);
        if (filter.Severity is not (null or "harmless" or "metadata" or "file_data"))
        {
            throw Problem.BadRequest("severity is one of harmless, metadata, file_data");
        }

        byte[]? path = filter.Path is { } text ? Encoding.UTF8.GetBytes(Text(text, "path", TextMax)) : null;
        if (filter.PathBase64 is { } base64)
        {
            path = new byte[base64.Length];
            if (!Convert.TryFromBase64String(base64, path, out int length))
            {
                throw Problem.BadRequest("path_base64 is no base64");
            }

            path = path[..length];
        }

        return new(path, filter.Fs?.ToLowerInvariant(), filter.Owner, filter.Severity);
    }

    internal static string? Note(string? note) => note is null ? null : Text(note, "note", TextMax);

    internal static string Text(string text, string name, int most)
    {
        if (text.Length is > 0 && text.Length <= most && !text.Contains('\0')) return text;
        throw Problem.BadRequest($"{name} has 1 to {most} characters");
    }

    private static async Task<HolderRange> ClaimedOfAsync(HolderRangeJson range, DeviceLookup devices)
    {
        DeviceRole role = range.Role switch
        {
            "data" => DeviceRole.Data,
            "log" => DeviceRole.Log,
            "rt" => DeviceRole.Realtime,
            _ => throw Problem.BadRequest("role is one of data, log, rt"),
        };
        ByteRange bytes = range.Length == 0 ? new(Positive(range.Offset), 0) : RangeOf(range.Offset, range.Length);
        return new(await devices.FindAsync(range.Device), role, bytes);
    }

    private static Dictionary<HolderState, HolderDecision> DecisionsOf(IReadOnlyDictionary<string, string>? said)
    {
        var decisions = new Dictionary<HolderState, HolderDecision>();
        foreach ((string state, string decision) in said ?? new Dictionary<string, string>())
        {
            bool isKnown = Words.TryParse(state, out HolderState at) & Words.TryParse(
                decision, out HolderDecision what);
            if (!isKnown) throw Problem.BadRequest(
                $"decisions: {state} to {decision} is no state and \"handle\" or \"defer\"");
            decisions[at] = what;
        }

        return decisions;
    }

    private static ByteRange RangeOf(long offset, long length)
    {
        if (offset >= 0 && length > 0 && length <= long.MaxValue - offset) return new(offset, length);
        throw Problem.BadRequest($"{offset}+{length} is no range of bytes");
    }

    private static long Positive(long offset) =>
        offset >= 0 ? offset : throw Problem.BadRequest("an offset is not negative");
}
