// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Stack;

/// <summary>One way down for <see cref="LowestPlaces"/>, a layer a round.</summary>
internal sealed class LowestDescent(StackSteps steps, KernelRoots roots, Func<BlockDevice, bool> endsAt)
{
    private readonly Dictionary<string, StackStep> _known = [];
    private readonly Dictionary<string, DeviceIdentity> _identities = [];

    internal IReadOnlyList<LowestPlace> Places { get; private set; } = [];

    internal ByteRangeSet Kept { get; private set; } = ByteRangeSet.Empty;

    /// <param name="Here">Bytes of the member.</param>
    /// <param name="Top">Bytes of the device that was asked about.</param>
    private readonly record struct Piece(StackMember Member, ByteRange Here, ByteRange Top);

    internal void Follow(BlockDevice device, ByteRangeSet ranges)
    {
        StackMember top = steps.Of(device);
        List<Piece> pieces = [.. ranges.Select(range => new Piece(top, range, range))];
        var done = new List<Piece>();
        // A round more than devices can lie on one another would go in a circle.
        for (int depth = 0; depth < DeviceGraph.DepthMax && pieces.Count > 0; depth++)
        {
            var next = new List<Piece>();
            foreach (Piece piece in pieces) Step(piece, next, done);
            pieces = next;
        }

        done.AddRange(pieces);
        done.Sort((left, right) => left.Top.CompareTo(right.Top));
        Kept = ByteRangeSet.From(done.Where(at => at.Member.Name == top.Name).Select(at => at.Top));
        Places = Joined(done.Where(at => at.Member.Name != top.Name));
    }

    /// <summary>One device down; what has no place there is done.</summary>
    private void Step(Piece piece, List<Piece> next, List<Piece> done)
    {
        if (done.Count + next.Count >= LowestPlaces.PlacesMax || Below(piece.Member) is not { Layer: { } layer } step)
        {
            done.Add(piece);
            return;
        }

        var found = new List<Piece>();
        try
        {
            foreach (StackPiece at in layer.Down(piece.Here))
            {
                // Of several ways to one disk the first will do.
                if (layer is CopiesLayer && at.Member != 0) continue;
                if (step.Members[at.Member] is not { } member) continue;
                var top = new ByteRange(piece.Top.Offset + (at.Above.Offset - piece.Here.Offset), at.Above.Length);
                var below = new Piece(member, at.Below, top);
                if (member.Device is not null) found.Add(below);
                else found.AddRange(Through(below));
                if (done.Count + next.Count + found.Count >= LowestPlaces.PlacesMax) break;
            }
        }
        catch (KernelRefusal)
        {
            // The file has gone meanwhile: nothing of the piece has a place that can be told.
            found.Clear();
        }

        foreach (Piece at in found) (endsAt(at.Member.Device!) ? done : next).Add(at);
        foreach (ByteRange rest in ByteRangeSet.From(found.Select(at => at.Top)).Gaps(piece.Top))
        {
            long here = piece.Here.Offset + (rest.Offset - piece.Top.Offset);
            done.Add(piece with { Here = new(here, rest.Length), Top = rest });
        }
    }

    /// <summary>A file is no device: from a loop device it goes on to the device that the file lies on.</summary>
    private IEnumerable<Piece> Through(Piece piece)
    {
        if (Below(piece.Member) is not { Layer: { } layer, Members: [{ } host] }) yield break;
        foreach (StackPiece at in layer.Down(piece.Here))
        {
            long offset = piece.Top.Offset + (at.Above.Offset - piece.Here.Offset);
            yield return new(host, at.Below, new(offset, at.Above.Length));
        }
    }

    /// <returns>Null where the way down ends.</returns>
    private StackStep? Below(StackMember member)
    {
        if (member.EndsHere || member.Kind is "partition" or "pmem") return null;
        if (!_known.TryGetValue(member.Name, out StackStep? step)) _known[member.Name] = step = member.Below();
        return step.Layer is { Redundancy: 0 } layer && (layer is not CopiesLayer || IsOneDisk(step.Members))
            ? step
            : null;
    }

    private bool IsOneDisk(IReadOnlyList<StackMember?> members)
    {
        if (members.Count == 0 || members.Any(at => at?.Device is null)) return false;
        DeviceIdentity[] names = [.. members.Select(at => Identity(at!))];
        return names.All(name => name.IsStable && name.Identity == names[0].Identity);
    }

    private DeviceIdentity Identity(StackMember member)
    {
        if (_identities.TryGetValue(member.Name, out DeviceIdentity? known)) return known;
        return _identities[member.Name] = DeviceIdentities.Of(member.Device!, roots);
    }

    /// <summary>Pieces that continue each other above and below are one.</summary>
    private List<LowestPlace> Joined(IEnumerable<Piece> pieces)
    {
        var joined = new List<LowestPlace>();
        foreach (Piece piece in pieces)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Device.Node == piece.Member.Name
                && last.Above.End == piece.Top.Offset && last.Below.End == piece.Here.Offset)
            {
                joined[^1] = last with
                {
                    Above = ByteRange.FromTo(last.Above.Offset, piece.Top.End),
                    Below = ByteRange.FromTo(last.Below.Offset, piece.Here.End),
                };
                continue;
            }

            joined.Add(new(piece.Member.Device!, Identity(piece.Member), piece.Here, piece.Top));
        }

        return joined;
    }
}
