// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing;

/// <summary>
/// A step of recovery cannot go on: a mount would fail here. Thrown only between <see cref="VolumeEditor"/>'s users
/// and the one place that takes the step back (<see cref="DeferredOperations"/>, recovery's own loop); above that it
/// is a <see cref="Fault"/> like any other.
/// </summary>
internal sealed class RecoveryFailure(Fault fault) : Exception(fault.ToString())
{
    public Fault Fault { get; } = fault;

    [DoesNotReturn]
    public static void Throw(BlockFault why, long offset, long length, string structure) =>
        throw new RecoveryFailure(why.At(DeviceRole.Data, offset, length, structure));
}
