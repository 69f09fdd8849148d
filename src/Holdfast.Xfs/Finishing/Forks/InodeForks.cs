// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>Inodes opened for changing, and changes of their block maps as the kernel makes them.</summary>
internal sealed class InodeForks(FinishContext context)
{
    internal FinishContext Context => context;
}
