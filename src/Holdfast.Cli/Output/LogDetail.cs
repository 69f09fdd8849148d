// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>How much of a log is listed one by one.</summary>
internal readonly record struct LogDetail(bool Records, bool Transactions, bool Items)
{
    public bool IsAsked => Records || Transactions;
}
