// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// The first step: the devices of a filesystem are ours to read, and nothing is known of what lies on them. Borrows the
/// sources, which must already refuse to read what is known to be bad.
/// </summary>
/// <param name="data">The data device.</param>
/// <param name="log">The device of an external log; null where there is none, or where it was not given.</param>
public sealed class ClaimedDevices(IBlockSource data, IBlockSource? log = null)
{
    public IBlockSource Data => data;

    public IBlockSource? Log => log;

    /// <summary>Reads the superblock, or a copy of it where it cannot be believed.</summary>
    /// <returns>Null with a fault where none can be believed, or where a feature is not understood.</returns>
    public SuperblockRead? ReadSuperblock(out BlockFault fault)
    {
        XfsVolume? volume = XfsVolume.Open(data, out fault);
        return volume is null ? null : new(this, volume);
    }
}
