// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>
/// One writer a ledger, also where two daemons have different sockets: a locked file beside it. The kernel lets go of
/// the lock when its process ends, however it ends. A ledger in trouble lets go too: its disk may have to be unmounted.
/// </summary>
internal static class LedgerLock
{
    /// <summary>EWOULDBLOCK of asm-generic/errno.h: what .NET passes on from flock(2).</summary>
    private const int WouldBlock = 11;

    private const string Ending = ".lock";

    /// <returns>The lock; disposing it lets go.</returns>
    /// <exception cref="LedgerUnavailableException">Another one holds it, or nobody can: the disk is read-only or
    /// full.</exception>
    internal static IDisposable Take(string ledger)
    {
        // Read-only: on a disk that has become read-only the lock is no obstacle, and others must not be able to lock.
        var own = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Read };
        if (!OperatingSystem.IsWindows()) own.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        own.Share = FileShare.None;
        try
        {
            return File.Open(ledger + Ending, own);
        }
        catch (IOException fault) when (fault.HResult == WouldBlock)
        {
            throw new LedgerUnavailableException($"{ledger} is another daemon's: it holds {ledger}{Ending}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"the ledger cannot be locked: {fault.Message}", fault);
        }
    }
}
