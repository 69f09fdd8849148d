// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>The file is no ledger of ours, is of a newer version, or is damaged: it is left as it is.</summary>
public sealed class LedgerFormatException : Exception
{
    public LedgerFormatException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
