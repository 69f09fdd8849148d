// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Core;
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Linux;
using Holdfast.Linux.Mounts;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// Holds every XFS that the kernel has in its hands, from the beginning of its mount to its end: what comes too early
/// waits, and is replayed when the mount is complete. A claim that somebody else has is theirs.
/// </summary>
internal sealed partial class MountHolders(DaemonServices services, KernelRoots roots, ILogger logger)
{
    /// <summary>What mountinfo does not tell (a mount that is not complete) is looked for so often.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RenewAfter = MountClaim.Lease / 4;

    private readonly record struct Held(XfsInKernel At, HolderClaim? Claim, long? Epoch, long Since);

    private readonly Dictionary<string, Held> _held = [];

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watch = new MountWatch(roots);
        try
        {
            while (true)
            {
                foreach (string trouble in await LookAsync(cancellationToken)) Troubled(logger, trouble);
                await Task.Run(() => watch.Wait(Round), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends. The claims stay: whoever starts next goes on with them.
        }
    }

    /// <summary>Looks once, and makes the claims what they should be.</summary>
    /// <returns>What could not be done, where it is news.</returns>
    internal async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var trouble = new List<string>();
        IReadOnlyList<XfsInKernel> now = XfsInKernel.ReadAll(roots);
        foreach (string over in _held.Keys.Except(now.Select(MountClaim.NameOf)).ToArray())
        {
            await TryAsync(_held[over].At, () => ReleaseAsync(over, cancellationToken), trouble, cancellationToken);
        }

        foreach (XfsInKernel at in now)
        {
            Held? held = _held.TryGetValue(MountClaim.NameOf(at), out Held known) ? known : null;
            if (known.At == at && Stopwatch.GetElapsedTime(known.Since) < RenewAfter) continue;
            await TryAsync(at, () => ClaimAsync(at, held, cancellationToken), trouble, cancellationToken);
        }

        return trouble;
    }

    private async Task ClaimAsync(XfsInKernel at, Held? held, CancellationToken cancellationToken)
    {
        string name = MountClaim.NameOf(at);
        HolderClaim? claim = MountClaim.Of(at, roots) is { } said
            ? said with { Places = ClaimPlaces.Of(said.Ranges, roots) }
            : null;
        _held[name] = new(at, claim, held?.Epoch, Stopwatch.GetTimestamp());
        if (claim is null) return;
        // The same words again are a renewal; others are a new claim: another filesystem may have been mounted there.
        bool isSame = held is { Epoch: not null, Claim: { } before } && before.State == claim.State
            && before.Filesystem == claim.Filesystem && before.Ranges.SequenceEqual(claim.Ranges);
        Holder holder;
        try
        {
            holder = await services.Notifier.PutHolderAsync(
                claim with { Epoch = isSame ? held!.Value.Epoch : null }, cancellationToken);
        }
        catch (HolderRefusedException refusal) when (isSame && refusal.Refusal != HolderRefusal.HeldBy)
        {
            holder = await services.Notifier.PutHolderAsync(claim, cancellationToken);
        }

        _held[name] = new(at, claim, holder.Epoch, Stopwatch.GetTimestamp());
        if (!isSame) Holding(logger, at.Mount?.MountPoint ?? at.Name, holder.State, holder.Name);
    }

    private async Task ReleaseAsync(string over, CancellationToken cancellationToken)
    {
        Held held = _held[over];
        if (held.Epoch is { } epoch) await services.Notifier.ReleaseHolderAsync(over, epoch, cancellationToken);
        _held.Remove(over);
        Released(logger, held.At.Mount?.MountPoint ?? held.At.Name, over);
    }

    private async Task TryAsync(
        XfsInKernel at, Func<Task> work, List<string> trouble, CancellationToken cancellationToken)
    {
        string check = $"mount {at.Name}";
        string? what = null;
        try
        {
            await work();
        }
        catch (HolderRefusedException refusal)
        {
            // Somebody answers for these bytes already, or did until a moment ago.
            what = $"{at.Mount?.MountPoint ?? at.Name} is not held: {refusal.Message}";
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            what = $"{at.Mount?.MountPoint ?? at.Name} is not held: {fault.Message}";
        }

        if (services.Degradations.Set(check, what) && what is not null) trouble.Add(what);
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Information, Message = "{Place} is {State}: held as {Holder}")]
    private static partial void Holding(ILogger logger, string place, HolderState state, string holder);

    [LoggerMessage(EventId = 31, Level = LogLevel.Information, Message = "{Place} is gone: {Holder} is released")]
    private static partial void Released(ILogger logger, string place, string holder);

    [LoggerMessage(EventId = 32, Level = LogLevel.Warning, Message = "{What}")]
    private static partial void Troubled(ILogger logger, string what);
}
