// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Tests.Damage;
using Holdfast.Xfs.Volume;
using Xunit;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// Attribute forks with bytes changed and checksums made right again: an intent on one may end or fail, but in no
/// other way than a mount fails.
/// </summary>
public sealed class AttributeDamageTests
{
    [Theory]
    [InlineData("quota", 1, 1500)]
    [InlineData("newest", 2, 1500)]
    [InlineData("quota", 12, 3500)] // names written over names
    [InlineData("newest", 27, 12500)]
    public void A_damaged_fork_fails_as_a_mount_fails(string image, int seed, int rounds)
    {
        OracleImage oracle = OracleImage.Bundled(image);
        ulong[] inodes =
        [
            .. oracle.Bmap.Where(row => row.Fork == ForkKind.Attribute).Select(row => row.Inode).Distinct(),
        ];
        ulong[] others = [.. oracle.Answers.Inodes.Where(at => at.IsRegular).Select(at => at.Inode).Except(inodes)];
        Assert.NotEmpty(inodes);
        Assert.NotEmpty(others);
        int failed = 0;
        int done = 0;
        for (int round = 0; round < rounds; round++)
        {
            var random = new Random(seed * 1_000_000 + round);
            ulong inode = random.Next(4) == 0 ? others[random.Next(others.Length)] : inodes[random.Next(inodes.Length)];
            using var bench = new AttributeBench(oracle.Images.Data);
            byte[][] names = Names(bench.Volume, inode);
            bench.Change(overlay => Damage(bench.Volume, inode, random, overlay));
            for (int i = 0; i < 3; i++)
            {
                try
                {
                    var kind = (AttributeOperationKind)random.Next(1, 4);
                    int most = random.Next(3) == 0 ? 9000 : 60;
                    int length = kind == AttributeOperationKind.Remove ? 0 : random.Next(most);
                    bench.Run(
                        kind, new(inode), random.Next(2) == 0 ? AttributeBits.None : AttributeBits.Root,
                        Name(names, random), new byte[length]);
                    done++;
                }
                catch (RecoveryFailure)
                {
                    failed++;
                }
            }
        }

        Assert.True(done > rounds / 2, $"{done} done, {failed} failed");
        Assert.True(failed > rounds / 10, $"{done} done, {failed} failed");
    }

    private static byte[] Name(byte[][] names, Random random)
    {
        if (names.Length > 0 && random.Next(3) > 0) return names[random.Next(names.Length)];
        byte[] name = new byte[random.Next(1, 40)];
        Array.Fill(name, (byte)random.Next(1, 256));
        return name;
    }

    private static byte[][] Names(XfsVolume volume, ulong inode)
    {
        var found = new Collected([]);
        byte[] bytes = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.Read(volume, new(inode), bytes, out Inode read)) return [];
        using var reader = new AttributeReader(volume);
        reader.Read(in read, ref found);
        return [.. found.Names];
    }

    /// <summary>Changes bytes of a block of the fork, or of what the inode holds of it.</summary>
    private static void Damage(
        XfsVolume volume, ulong number, Random random, Action<long, byte[]> write)
    {
        Geometry geometry = volume.Geometry;
        byte[] inode = new byte[geometry.InodeSize];
        if (!InodeReader.Read(volume, new(number), inode, out Inode read)) return;
        ExtentList map = ExtentList.Read(volume, in read, ForkKind.Attribute, 0, uint.MaxValue);
        if (map.Extents.Count == 0 || random.Next(8) == 0)
        {
            int first = read.HasAttributeFork ? inode.Length - read.AttributeFork.Length : Inode.CoreSizeV3;
            Change(inode.AsSpan(first), random);
            ChecksumRepair.Repair(inode, geometry.SectorSize, geometry.InodeSize);
            write(geometry.ByteOf(new InodeNumber(number)), inode);
            return;
        }

        ExtentRecord extent = map.Extents[random.Next(3) > 0 ? 0 : random.Next(map.Extents.Count)];
        uint within = random.Next(3) > 0 ? 0 : (uint)random.Next((int)extent.Length);
        long at = geometry.ByteOf(new FsBlock(extent.Start.Value + within));
        byte[] block = new byte[geometry.BlockSize];
        Assert.True(volume.Data.Read(at, block).IsNone);
        Change(block.AsSpan(random.Next(2) == 0 ? DaBlockInfo.SizeV5 : 0), random);
        ChecksumRepair.Repair(block, geometry.SectorSize, geometry.InodeSize);
        write(at, block);
    }

    private static void Change(Span<byte> bytes, Random random)
    {
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            // Headers and tables come first.
            int end = random.Next(2) == 0 ? Math.Min(64, bytes.Length) : bytes.Length;
            bytes[random.Next(end)] = random.Next(3) switch
            {
                0 => 0,
                1 => byte.MaxValue,
                _ => (byte)random.Next(256),
            };
        }
    }

    private readonly struct Collected(List<byte[]> names) : IAttributeVisitor
    {
        public List<byte[]> Names => names;

        public void Attribute(in AttributeEntry attribute) => names.Add(attribute.Name.ToArray());

        public void Lost(FileBlock block, uint lowHash, uint highHash)
        {
        }
    }
}
