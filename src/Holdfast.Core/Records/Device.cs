// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Records;

/// <summary>
/// A device by what does not change when its name does. Core never asks the kernel: an identity is handed to it.
/// </summary>
/// <param name="Identity">As in "wwn:0x5000c500a1b2c3d4", "serial:ATA_ST4000_Z1", "diskseq:BOOT:17",
/// "path:/a.img".</param>
/// <param name="IsStable">False where the device says nothing lasting of itself: the identity is only a name.</param>
/// <param name="Name">What it is called now: /dev/sdb, /images/a.img.</param>
/// <param name="Size">In bytes; null where unknown.</param>
public sealed record DeviceIdentity(string Identity, bool IsStable, string Name, long? Size);
