// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>
/// A piece of a claimed device that lies in one piece of a device below it: of a loop device whose file lies on a disk,
/// say. One fault is heard at both and is one failure, of the device below (C8).
/// </summary>
/// <param name="Range">Bytes of the device above.</param>
/// <param name="BelowOffset">The first byte of the device below.</param>
public sealed record DevicePlace(DeviceIdentity Above, ByteRange Range, DeviceIdentity Below, long BelowOffset);
