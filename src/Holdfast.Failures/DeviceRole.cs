// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures;

/// <summary>Which of a filesystem's devices a byte range lies on.</summary>
public enum DeviceRole
{
    Data,
    Log,
    Realtime,
}
