// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>Looks at one process after the other. One thread's.</summary>
internal sealed class ProcessLook
{
    private readonly KernelRoots _roots;
    private readonly WantedFiles _wanted;
    private readonly MountTable _mounts;
    private readonly MemoryMaps _maps;
    private readonly OwnCopies _copies = new();
    private readonly FileDescriptors _descriptors = new();
    private readonly DescriptorText _text = new();
    private readonly List<MemoryMapping> _mapped = [];
    private readonly List<FoundDescriptor> _open = [];
    private readonly Action<MemoryMapping> _addMapping;
    private readonly Action<FoundDescriptor> _addDescriptor;

    internal ProcessLook(KernelRoots roots, FileUsersOptions options, WantedFiles wanted, MountTable mounts)
    {
        _roots = roots;
        _wanted = wanted;
        _mounts = mounts;
        _maps = new(options.ReadsText);
        _addMapping = mapping =>
        {
            if (wanted.MayBe(mapping.Inode)) _mapped.Add(mapping);
        };
        _addDescriptor = descriptor =>
        {
            if (wanted.MayBe(descriptor.Inode)) _open.Add(descriptor);
        };
    }

    /// <returns>0, or why it could not be looked at, of errno(3).</returns>
    internal int At(int process, out IReadOnlyList<FoundUse> found)
    {
        found = [];
        // All that follows is of the process that this folder was of when it was opened, or fails: numbers come again.
        int folder = Native.OpenFolder($"{_roots.Proc}/{process}");
        if (folder < 0) return Ended(Marshal.GetLastPInvokeError());
        try
        {
            _mapped.Clear();
            _open.Clear();
            int error = Ended(_maps.ForEach(folder, _addMapping));
            int ofDescriptors = Ended(_descriptors.ForEach(folder, _addDescriptor));
            if (_mapped.Count > 0 || _open.Count > 0) found = Uses(process, folder);
            return error != 0 ? error : ofDescriptors;
        }
        finally
        {
            _ = Native.Close(folder);
        }
    }

    /// <summary>One that has ended uses nothing.</summary>
    private static int Ended(int error) => error is Native.ENOENT or Native.ESRCH ? 0 : error;

    private List<FoundUse> Uses(int process, int folder)
    {
        var byFile = new Dictionary<int, (List<MappedBytes> Mapped, List<OpenDescriptor> Open, bool IsCertain)>();
        foreach (MemoryMapping mapping in _mapped)
        {
            int file = _mounts.FileOf(_wanted, process, folder, in mapping, out bool isCertain);
            if (file < 0) continue;
            List<MappedBytes> lost = Lost(folder, in mapping, _wanted[file].Lost);
            if (lost.Count > 0) Of(file, isCertain).Mapped.AddRange(lost);
        }

        foreach (FoundDescriptor descriptor in _open)
        {
            int file = _mounts.FileOf(_wanted, process, folder, in descriptor, out bool isCertain);
            if (file >= 0) Of(file, isCertain).Open.Add(descriptor.Descriptor);
        }

        if (byFile.Count == 0) return [];
        if (ReadIdentity(folder) is not { } who) return [];
        return
        [
            .. byFile.Select(at => new FoundUse(at.Key, new(
                process, who.Start, who.Name, who.User, who.Group.Unit, who.Group.Container, at.Value.Mapped,
                at.Value.Open, at.Value.IsCertain))),
        ];

        (List<MappedBytes> Mapped, List<OpenDescriptor> Open, bool) Of(int file, bool isCertain)
        {
            bool isKnown = byFile.TryGetValue(file, out var use);
            use = isKnown ? use with { IsCertain = use.IsCertain && isCertain } : ([], [], isCertain);
            byFile[file] = use;
            return use;
        }
    }

    private List<MappedBytes> Lost(int folder, in MemoryMapping at, ByteRangeSet lost)
    {
        var found = new List<MappedBytes>();
        long shift = (long)at.Start - at.Offset;
        foreach (ByteRange part in lost.Within(new(at.Offset, (long)(at.End - at.Start))))
        {
            var addresses = new ByteRange(part.Offset + shift, part.Length);
            ByteRangeSet copies = at.IsShared ? ByteRangeSet.Empty : _copies.In(folder, addresses);
            bool isShared = at.IsShared;
            bool isWritable = at.IsWritable;
            found.AddRange(copies.Gaps(addresses).Select(range => Bytes(range, false))
                .Concat(copies.Within(addresses).Select(range => Bytes(range, true)))
                .OrderBy(bytes => bytes.Address));

            MappedBytes Bytes(ByteRange range, bool isCopy) => new(
                (ulong)range.Offset, range.Length, range.Offset - shift, isShared, isWritable, isCopy);
        }

        return found;
    }

    private (string Name, long Start, uint User, ControlGroup Group)? ReadIdentity(int folder)
    {
        if (_text.ReadAt(folder, "stat"u8) != 0) return null;
        if (!ProcessStat.TryParse(_text.Bytes, out string name, out long start)) return null;
        uint user = 0;
        if (_text.ReadAt(folder, "status"u8) == 0)
        {
            // Real, effective, saved, of the filesystem.
            string[] users = Encoding.ASCII.GetString(_text.Field("Uid:"u8)).Split('\t');
            if (users.Length > 1) _ = uint.TryParse(users[1], out user);
        }

        ControlGroup group = _text.ReadAt(folder, "cgroup"u8) == 0 ? ControlGroup.Parse(_text.Bytes) : default;
        return (name, start, user, group);
    }
}

/// <summary>/proc/PID/stat (proc(5)): "PID (NAME) STATE …"; a name may have blanks and brackets in it.</summary>
internal static class ProcessStat
{
    // Fields behind the name, from the state on, that come before the time of the start.
    private const int FieldsBeforeStart = 19;

    internal static bool TryParse(ReadOnlySpan<byte> text, out string name, out long start)
    {
        name = "";
        start = 0;
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open || close + 2 > text.Length) return false;
        name = Encoding.UTF8.GetString(text[(open + 1)..close]);
        ReadOnlySpan<byte> rest = text[(close + 2)..];
        for (int i = 0; i < FieldsBeforeStart; i++)
        {
            int blank = rest.IndexOf((byte)' ');
            if (blank < 0) return false;
            rest = rest[(blank + 1)..];
        }

        return Utf8Parser.TryParse(rest, out start, out _);
    }
}
