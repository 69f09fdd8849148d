// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.Finishing.Realtime;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing;

/// <summary>What every step of finishing works with.</summary>
internal sealed class FinishContext
{
    public FinishContext(VolumeEditor editor)
    {
        Editor = editor;
        Groups = new(this);
        Forks = new(this);
        Attributes = new(this);
        Realtime = new(this);
        Forks.Realtime = Realtime;
    }

    public VolumeEditor Editor { get; }

    public Geometry Geometry => Editor.Geometry;

    public Features Features => Editor.Features;

    /// <summary>Work that a step puts off.</summary>
    public DeferredOperations Deferred { get; } = new();

    /// <summary>Free space, reverse maps and reference counts of the groups.</summary>
    public GroupSpace Groups { get; }

    /// <summary>Inodes and their block maps.</summary>
    public InodeForks Forks { get; }

    /// <summary>Extended attributes.</summary>
    public AttributeEditor Attributes { get; }

    /// <summary>The realtime device's reverse maps, reference counts and free space.</summary>
    public RealtimeSpace Realtime { get; }
}
