// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes.Iterators;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Processes;

/// <summary>
/// Goal: the kernel names exactly the processes that use an inode; what it says of itself is not believed too far.
/// Method: the kernel's verifier takes the programs; lsof is the peer; the kernel's own BTF, cut off and changed.
/// </summary>
public sealed class UserIteratorsTests
{
    private const string KernelTypes = "/sys/kernel/btf/vmlinux";

    /// <summary>An older kernel, or one without BTF, is not asked: nobody is told that there is nobody.</summary>
    [RootFact(Needs.Root, "lsof")]
    public void Every_process_that_maps_a_file_or_has_it_open_is_named_as_lsof_does()
    {
        using var scratch = new Scratch("iterators");
        string file = scratch.PathOf("file");
        File.WriteAllBytes(file, new byte[64 << 10]);
        ulong inode = FileIdentity.Of(file)!.Value.Inode;
        FileHolder[] holders =
        [
            .. Enumerable.Range(0, 4).Select(i =>
                FileHolder.Start(file, map: i % 2 == 0 ? "0,4" : "", closes: i % 2 == 0)),
        ];
        try
        {
            IReadOnlyCollection<int>? found = UserIterators.Find([inode], KernelRoots.Real);
            if (Environment.OSVersion.Version < new Version(6, 7) || !File.Exists(KernelTypes))
            {
                Assert.Null(found);
                return;
            }

            Assert.Equal(holders.Select(holder => holder.Id).Order(), found!.Order());
            string[] told = ProgramRun.Require("lsof", "-t", file).Text
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(told.Order(), found!.Select(process => $"{process}").Order());
            // What was asked before is not asked for again.
            Assert.Empty(UserIterators.Find([ulong.MaxValue >> 9], KernelRoots.Real)!);
        }
        finally
        {
            foreach (FileHolder holder in holders) holder.Dispose();
        }
    }

    [Fact]
    public void Damaged_types_are_no_more_than_a_kernel_that_says_nothing()
    {
        Assert.Null(Read([]));
        if (!File.Exists(KernelTypes)) return;
        byte[] whole = File.ReadAllBytes(KernelTypes);
        BtfTypes types = Read(whole)!;
        Assert.All(UserPrograms.Functions, name => Assert.NotNull(types.FunctionNumber(name)));
        Assert.All(UserPrograms.Members, at => Assert.NotNull(types.OffsetOf(at.Structure, at.Member)));
        for (int length = 0; length < 64; length++) Assert.Null(Read(whole.AsSpan(0, length)));
        Assert.Null(Read(whole.AsSpan(0, whole.Length - 1)));
        var random = new Random(7);
        int told = 0;
        for (int round = 0; round < 100; round++)
        {
            byte[] changed = [.. whole];
            for (int i = 0; i < 1 << (round % 16); i++) changed[random.Next(4, whole.Length)] = (byte)random.Next(256);
            // The header itself, too.
            if (round % 2 == 0) changed[random.Next(4, 24)] ^= (byte)random.Next(1, 256);
            if (Read(changed) is not null) told++;
        }

        Assert.InRange(told, 1, 99);
    }

    private static BtfTypes? Read(ReadOnlySpan<byte> bytes) =>
        BtfTypes.Read(bytes, UserPrograms.Functions, UserPrograms.Members);
}
