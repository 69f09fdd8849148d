// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>A process that uses lost bytes, or has their file open.</summary>
/// <param name="StartTime">
/// Clock ticks after boot at which it began: with the number it names one process, and never another.
/// </param>
/// <param name="Name">As the kernel has it (comm): at most 15 bytes.</param>
/// <param name="User">Its effective user's number.</param>
/// <param name="Unit">The systemd unit it belongs to; null where none is known.</param>
/// <param name="Container">The container's id; null where it is in none that can be told.</param>
/// <param name="Mapped">Where it has the lost bytes themselves in its memory.</param>
/// <param name="Descriptors">Under which it has the file open, lost bytes or not.</param>
/// <param name="IsCertain">
/// False where an overlay shows another file in the place of the one below, and which it is cannot be told for certain.
/// </param>
public sealed record ProcessUse(
    int ProcessId, long StartTime, string Name, uint User, string? Unit, string? Container,
    IReadOnlyList<MappedBytes> Mapped, IReadOnlyList<OpenDescriptor> Descriptors, bool IsCertain = true)
{
    public bool MapsLostBytes => Mapped.Any(at => !at.IsOwnCopy);
}

/// <summary>Lost bytes in a process's memory.</summary>
/// <param name="Address">Of the first of them.</param>
/// <param name="Length">Bytes.</param>
/// <param name="FileOffset">Of the first of them, in bytes of the file.</param>
/// <param name="IsShared">Mapped MAP_SHARED: what the process writes there goes to the file.</param>
/// <param name="IsOwnCopy">
/// Mapped MAP_PRIVATE and written to since: the process has a page of its own there, that once was the file's.
/// </param>
public readonly record struct MappedBytes(
    ulong Address, long Length, long FileOffset, bool IsShared, bool IsWritable, bool IsOwnCopy = false);

/// <summary>A file descriptor.</summary>
/// <param name="Position">Byte of the file at which it reads or writes next.</param>
public readonly record struct OpenDescriptor(int Number, bool Reads, bool Writes, long Position);
