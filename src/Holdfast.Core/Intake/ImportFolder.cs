// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Intake;

/// <summary>A file that was dropped to be taken in.</summary>
/// <param name="Name">Without its folder.</param>
/// <param name="Changed">When it was last written to.</param>
public sealed record ImportedFile(string Name, byte[] Bytes, DateTime Changed);

/// <summary>
/// A folder into which lists are dropped. What was taken goes to "done", what cannot be to "refused", with the reason
/// beside it: the newest of each name. Links, pipes, files of any size and names of any kind are no lists; what
/// somebody still writes to is left alone.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ImportFolder(string path, uint self)
{
    /// <summary>Bytes of the largest list.</summary>
    public const long FileMax = 64 << 20;

    public const string Done = "done";
    public const string Refused = "refused";
    private const string Why = ".why";
    private const int KeptMax = 1000;
    private const int FilesMax = 10_000;

    private const UnixFileMode OwnersOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Where nobody tells who writes: a file that has been still for so long is whole.</summary>
    private static readonly TimeSpan StillAfter = TimeSpan.FromSeconds(10);

    /// <summary>Makes the folders.</summary>
    /// <exception cref="IOException">
    /// They cannot be made, or others than root could put something in their place.
    /// </exception>
    public void Prepare(Func<string, uint?> ownerOf)
    {
        if (!Path.Exists(path)) Directory.CreateDirectory(path, OwnersOnly);
        Check(path, ownerOf, isWhole: true);
        foreach (string name in (string[])[Done, Refused])
        {
            string folder = Path.Combine(path, name);
            if (!Path.Exists(folder)) Directory.CreateDirectory(folder, OwnersOnly);
            Check(folder, ownerOf, isWhole: false);
        }
    }

    /// <summary>
    /// Names of what waits, in order; a bounded number of them. Folders, and names that begin with a dot, are no
    /// business of ours.
    /// </summary>
    public IReadOnlyList<string> Waiting() =>
        [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Where(name => name[0] != '.')
            .Take(FilesMax).Order(StringComparer.Ordinal)];

    /// <returns>Null where it is gone, or not whole yet.</returns>
    /// <exception cref="InvalidDataException">It is nothing that is taken in.</exception>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public ImportedFile? Read(string name)
    {
        string file = Path.Combine(path, name);
        using SafeFileHandle? handle = FolderSync.OpenUntrusted(file);
        if (handle is null) return null;
        uint owner = FolderSync.OwnerOf(handle);
        bool isRootsFolder = (File.GetUnixFileMode(path) & OthersWrite) == 0;
        if (owner != 0 && owner != self && !isRootsFolder)
        {
            throw new InvalidDataException($"it is user {owner}'s, and others than root may write here");
        }

        DateTime changed = File.GetLastWriteTimeUtc(handle);
        bool isWritten = FolderSync.IsBeingWritten(handle) ?? DateTime.UtcNow - changed < StillAfter;
        if (isWritten) return null;
        long length = RandomAccess.GetLength(handle);
        if (length > FileMax) throw new InvalidDataException($"it is longer than {FileMax} bytes");
        byte[] bytes = new byte[length];
        int read = RandomAccess.Read(handle, bytes, 0);
        bool isSame = read == length && RandomAccess.GetLength(handle) == length
            && File.GetLastWriteTimeUtc(handle) == changed;
        // Somebody has begun anew: it comes again when it is whole.
        return isSame ? new(name, bytes, changed) : null;
    }

    /// <summary>It was taken in.</summary>
    /// <exception cref="IOException">It stays where it is.</exception>
    public void SetDone(string name) => Move(name, Done, null);

    /// <inheritdoc cref="SetDone"/>
    public void Refuse(string name, string why) => Move(name, Refused, why);

    private void Move(string name, string to, string? why)
    {
        string file = Path.Combine(path, name);
        string folder = Path.Combine(path, to);
        string kept = Path.Combine(folder, name);
        // Of what is too long to be a list only the name and the reason are kept.
        if (LengthOf(file) <= FileMax) File.Move(file, kept, overwrite: true);
        else File.Delete(file);
        if (why is null) File.Delete(Path.Combine(path, Refused, name + Why));
        else File.WriteAllBytes(kept + Why, Encoding.UTF8.GetBytes(why + "\n"));
        Thin(folder);
    }

    private static long LengthOf(string file) =>
        new FileInfo(file) is { LinkTarget: null, Exists: true } at ? at.Length : 0;

    private static void Thin(string folder)
    {
        FileInfo[] files = [.. new DirectoryInfo(folder).EnumerateFiles()];
        if (files.Length <= KeptMax) return;
        int more = files.Length - KeptMax;
        foreach (FileInfo old in files.OrderBy(file => file.LastWriteTimeUtc).Take(more)) old.Delete();
    }

    private void Check(string folder, Func<string, uint?> ownerOf, bool isWhole)
    {
        if (new DirectoryInfo(folder) is not { LinkTarget: null, Exists: true })
        {
            throw new IOException($"{folder} is no folder");
        }

        if (ownerOf(folder) is not { } owner || (owner != 0 && owner != self))
        {
            throw new IOException($"{folder} is not root's: nothing is taken from it");
        }

        UnixFileMode mode = File.GetUnixFileMode(folder);
        bool isOpen = (mode & OthersWrite) != 0;
        if (isOpen && !(isWhole && (mode & UnixFileMode.StickyBit) != 0))
        {
            throw new IOException($"{folder} may be written to by others than root: nothing is taken from it");
        }
    }
}
