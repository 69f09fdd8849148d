// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of the groups' free space, reverse maps and reference counts, as the kernel makes them. What is named
/// "Now" happens within the step; what is named "Defer" is put off.
/// </summary>
internal sealed class GroupSpace(FinishContext context)
{
    internal FinishContext Context => context;
}
