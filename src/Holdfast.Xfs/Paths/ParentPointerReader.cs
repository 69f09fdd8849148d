// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>One parent pointer, copied out of its inode.</summary>
internal readonly record struct ParentLink(ulong Parent, uint Generation, byte[] Name);

/// <summary>Collects the parent pointers of inodes. One worker's.</summary>
internal sealed class ParentPointerReader(XfsVolume volume) : IDisposable
{
    private readonly AttributeReader _attributes = new(volume);

    public void Dispose() => _attributes.Dispose();

    /// <returns>Null where not every parent pointer could be read.</returns>
    public List<ParentLink>? Read(in Inode inode)
    {
        var visitor = new Collect([]);
        bool read = _attributes.Read(in inode, ref visitor);
        return read && !visitor.IsBad ? visitor.Links : null;
    }

    private struct Collect(List<ParentLink> links) : IAttributeVisitor
    {
        public readonly List<ParentLink> Links => links;

        public bool IsBad { get; private set; }

        public void Attribute(in AttributeEntry attribute)
        {
            if (attribute.Namespace != AttributeNamespace.Parent || attribute.IsIncomplete) return;
            if (ParentPointer.TryOpen(in attribute, out ParentPointer pointer).IsNone)
            {
                links.Add(new(pointer.Parent.Value, pointer.Generation, pointer.Name.ToArray()));
            }
            else
            {
                IsBad = true;
            }
        }

        public void Lost(FileBlock block, uint lowHash, uint highHash) => IsBad = true;
    }
}
