// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>Bytes of one device.</summary>
public readonly record struct DeviceRange(IBlockSource Device, ByteRange Range)
{
    public override string ToString() => $"{Range} of {Device.Name}";
}
