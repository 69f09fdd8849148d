// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Queries;

/// <summary>Which failures are asked for.</summary>
/// <param name="IsOpen">Null: open and closed ones.</param>
/// <param name="Device">The ledger's number.</param>
/// <param name="Filesystem">UUID.</param>
/// <param name="After">The last id of the page before.</param>
/// <param name="Limit">1 to <see cref="LimitMax"/>.</param>
public sealed record FailureQuery(
    bool? IsOpen = true, long? Device = null, string? Filesystem = null, Guid? After = null, int Limit = 100)
{
    public const int LimitMax = 1000;
}
