// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Devices;

/// <summary>Why a device or image must not be read behind the kernel's back, and what to do instead.</summary>
public sealed record DeviceUse(string Reason, string Advice)
{
    public override string ToString() => $"{Reason}; {Advice}";
}
