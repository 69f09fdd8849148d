// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>
/// The ledger could not be read or written: its disk is full, read-only, failing, or away. Nothing of what was asked
/// counts as accepted; after a failed fsync nobody knows whether it is there, so that a retry needs its key.
/// </summary>
public sealed class LedgerUnavailableException : Exception
{
    public LedgerUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
