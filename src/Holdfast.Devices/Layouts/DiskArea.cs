// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>Bytes of a disk and what they are for.</summary>
public readonly record struct DiskArea(ByteRange Range, string Name)
{
    public override string ToString() => $"{Range}: {Name}";
}
