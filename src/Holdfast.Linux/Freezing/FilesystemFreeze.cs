// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Freezing;

/// <summary>
/// FIFREEZE and FITHAW (linux/fs.h), by any descriptor of the filesystem. What is frozen stays so when its freezer dies
/// or the descriptor is closed: whoever freezes must see to the thaw.
/// </summary>
internal static class FilesystemFreeze
{
    private const nuint FIFREEZE = 0xC0045877;
    private const nuint FITHAW = 0xC0045878;

    /// <returns>0, or errno: EBUSY where it is frozen already.</returns>
    internal static int Freeze(int descriptor) => Ask(descriptor, FIFREEZE);

    /// <returns>0, or errno: EINVAL where it is not frozen.</returns>
    internal static int Thaw(int descriptor) => Ask(descriptor, FITHAW);

    private static unsafe int Ask(int descriptor, nuint request)
    {
        while (Native.Ioctl(descriptor, request, null) != 0)
        {
            int error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            if (error != Native.EINTR) return error;
        }

        return 0;
    }
}
