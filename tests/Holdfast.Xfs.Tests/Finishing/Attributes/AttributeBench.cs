// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;
using Xunit;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>An image under an overlay on which attribute intents are carried out, one after another.</summary>
internal sealed class AttributeBench : IDisposable
{
    private const uint LogAttributes = 1;

    private readonly DeviceBlockSource _device;
    private readonly OverlayBlockSource _overlay;
    private ulong _intents;

    public AttributeBench(string image)
    {
        _device = DeviceBlockSource.Open(image);
        _overlay = new(_device);
        AllowIntents(_overlay);
        Volume = XfsVolume.Open(_overlay, out BlockFault fault)
            ?? throw new InvalidOperationException($"{image}: {fault}");
        Context = new(new VolumeEditor(Volume, _overlay));
    }

    public XfsVolume Volume { get; }

    public FinishContext Context { get; }

    /// <summary>A superblock that says that the log may hold attribute intents.</summary>
    public static void AllowIntents(Span<byte> sector)
    {
        BinaryPrimitives.WriteUInt32BigEndian(sector[Superblock.At.LogIncompatibleFeaturesAt..], LogAttributes);
        Crc32c.Write(sector, Superblock.At.CrcAt);
    }

    /// <summary>Puts other bytes over the image.</summary>
    public void Change(Action<Action<long, byte[]>> change) => change((at, bytes) => _overlay.Write(at, bytes));

    /// <summary>Does all that one intent asks for.</summary>
    public void Run(AttributeIntent intent)
    {
        DeferredOperation operation = Context.Attributes.Of(intent with { Id = ++_intents });
        IReadOnlyList<DeferredBatch> left = Context.Deferred.StepFirst(Context, DeferredBatch.Of([operation]));
        Context.Deferred.FinishAll(Context, left);
    }

    /// <summary>As recovery does it: the first step of each before the second of any.</summary>
    /// <returns>Those that cannot be carried out: a mount fails on each of them.</returns>
    public IReadOnlyList<AttributeIntent> RunAll(IReadOnlyList<AttributeIntent> intents)
    {
        var refused = new List<AttributeIntent>();
        var left = new List<(AttributeIntent Intent, IReadOnlyList<DeferredBatch> Batches)>();
        foreach (AttributeIntent intent in intents)
        {
            Try(intent, () => left.Add(
                (intent, Context.Deferred.StepFirst(Context, DeferredBatch.Of([Context.Attributes.Of(intent)])))));
        }

        foreach ((AttributeIntent intent, IReadOnlyList<DeferredBatch> batches) in left)
        {
            Try(intent, () => Context.Deferred.FinishAll(Context, batches));
        }

        return refused;

        void Try(AttributeIntent intent, Action action)
        {
            try
            {
                action();
            }
            catch (RecoveryFailure)
            {
                refused.Add(intent);
            }
        }
    }

    /// <summary>The volume read anew: headers of groups are read once in a volume's life.</summary>
    public XfsVolume Reopen() =>
        XfsVolume.Open(_overlay, out BlockFault fault) ?? throw new InvalidOperationException($"{fault}");

    /// <summary>Puts what has been changed, but for the superblock, into a copy of the image.</summary>
    public void WriteTo(string copy)
    {
        using FileStream file = File.Open(copy, FileMode.Open, FileAccess.Write);
        foreach (ByteRange range in _overlay.Recovered.Except(ByteRangeSet.From([new(0, Volume.Geometry.SectorSize)])))
        {
            byte[] bytes = new byte[range.Length];
            Assert.True(_overlay.Read(range.Offset, bytes).IsNone);
            file.Position = range.Offset;
            file.Write(bytes);
        }
    }

    public void Run(
        AttributeOperationKind kind, InodeNumber inode, AttributeBits space, byte[] name, byte[]? value = null) =>
        Run(Intent(kind, inode, space, name, value));

    public static AttributeIntent Intent(
        AttributeOperationKind kind, InodeNumber inode, AttributeBits space, byte[] name, byte[]? value = null) =>
        new(
            1, default(LogSequenceNumber), inode.Value, (uint)kind, (uint)space, 0, name, default, value ?? [],
            default);

    /// <summary>The attributes of an inode as readers find them.</summary>
    public SortedDictionary<string, string> Read(InodeNumber inode) => Read(Volume, inode);

    /// <summary>Names, with their namespaces, and values, all as text.</summary>
    public static SortedDictionary<string, string> Read(XfsVolume volume, InodeNumber inode)
    {
        var found = new Found(volume, inode, new(StringComparer.Ordinal));
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        Assert.True(InodeReader.Read(volume, inode, buffer, out Inode read), Faults(volume));
        using var reader = new AttributeReader(volume);
        Assert.True(reader.Read(in read, ref found), Faults(volume));
        return found.Attributes;
    }

    /// <summary>The key that <see cref="Read(InodeNumber)"/> gives an attribute.</summary>
    public static string Key(AttributeBits space, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        $"{space & ~AttributeBits.Local} {Convert.ToHexString(name)}"
        + ((space & AttributeBits.Parent) != 0 ? $" {Convert.ToHexString(value)}" : "");

    public static string Text(ReadOnlySpan<byte> value) => value.Length <= 64
        ? Convert.ToHexString(value)
        : $"{value.Length} bytes, {Crc32c.Update(0, value):x8}";

    public void Dispose() => _device.Dispose();

    private static void AllowIntents(OverlayBlockSource overlay)
    {
        byte[] sector = new byte[OverlayBlockSource.SectorBytes];
        Assert.True(overlay.Read(0, sector).IsNone);
        Assert.True(Superblock.TryOpen(sector, out Superblock superblock).IsNone);
        byte[] whole = new byte[superblock.SectorSize];
        Assert.True(overlay.Read(0, whole).IsNone);
        AllowIntents(whole);
        overlay.Write(0, whole);
    }

    private static string Faults(XfsVolume volume) => string.Join('\n', volume.Faults.ToList());

    private readonly struct Found(XfsVolume volume, InodeNumber inode, SortedDictionary<string, string> attributes)
        : IAttributeVisitor
    {
        public SortedDictionary<string, string> Attributes => attributes;

        public void Attribute(in AttributeEntry attribute)
        {
            if (attribute.IsIncomplete)
            {
                attributes.Add($"incomplete {Key(attribute.Flags, attribute.Name, attribute.Value)}", "");
                return;
            }

            string value = attribute.IsLocal
                ? Text(attribute.Value)
                : Text(Remote(attribute.ValueBlock, attribute.ValueLength));
            attributes.Add(Key(attribute.Flags, attribute.Name, attribute.Value), value);
        }

        public void Lost(FileBlock block, uint lowHash, uint highHash)
        {
        }

        private byte[] Remote(FileBlock first, int length)
        {
            byte[] value = new byte[length];
            byte[] bytes = new byte[volume.Geometry.InodeSize];
            Assert.True(InodeReader.Read(volume, inode, bytes, out Inode read), Faults(volume));
            ExtentList map = ExtentList.Read(volume, in read, Failures.Impacts.ForkKind.Attribute, 0, uint.MaxValue);
            byte[] block = new byte[volume.Geometry.BlockSize];
            int count = AttributeRemoteValue.BlocksOf(length, block.Length, hasCrc: true);
            for (int index = 0; index < count; index++)
            {
                FsBlock place = map.BlockOf(first.Value + (ulong)index)
                    ?? throw new InvalidOperationException("a hole");
                Geometry geometry = volume.Geometry;
                Assert.True(volume.Data.Read(geometry.ByteOf(place), block).IsNone);
                BlockIdentity identity = geometry.IdentityOf(
                    geometry.AgOf(place), geometry.AgBlockOf(place), inode.Value);
                BlockFault fault = AttributeRemoteValue.TryOpen(
                    block, in identity, index, length, out AttributeRemoteValue part);
                Assert.True(fault.IsNone, fault.ToString());
                part.Part.CopyTo(value.AsSpan(part.Offset));
            }

            return value;
        }
    }
}
