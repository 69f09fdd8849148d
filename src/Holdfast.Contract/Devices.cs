// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>GET /v1/devices: every device that was ever heard of, by identity.</summary>
/// <param name="Next">What to give as "after" for the next page; null at the end.</param>
public sealed record DeviceListJson(IReadOnlyList<DeviceEntryJson> Items, string? Next);

/// <param name="Seen">When its name or size last changed.</param>
/// <param name="Failing">Whether a failure on it is open, or its medium is still bad.</param>
/// <param name="NameNow">What it is called at this moment; null where it is not there.</param>
public sealed record DeviceEntryJson(DeviceJson Device, DateTimeOffset Seen, bool Failing, string? NameNow);
