// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Intake;

/// <summary>
/// Reports that `holdfast report` left because no daemon answered: a file each, written whole or not at all, drained in
/// the order of their names. What cannot be read is set aside with the reason, and blocks nobody.
/// </summary>
public sealed class SpoolFolder(string path, long bytesMax)
{
    private const string Ending = ".report";
    private const string Aside = ".bad";
    private const string Why = ".why";
    private const string Part = ".part";
    private const int AsideMax = 100;
    private const long FileMax = 4 << 20;
    private static readonly TimeSpan PartAgeMax = TimeSpan.FromHours(1);

    /// <summary>Writes a report down, durably.</summary>
    /// <exception cref="IOException">It could not be written, or the spool is full.</exception>
    public void Add(ReportRequest report, DateTimeOffset now)
    {
        Directory.CreateDirectory(path);
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(report, ContractJson.Default.ReportRequest);
        if (Bytes() + bytes.Length > bytesMax) throw new IOException($"{path}: the spool is full ({bytesMax} bytes)");
        string name = string.Create(CultureInfo.InvariantCulture, $"{now.UtcTicks:D20}-{Guid.NewGuid():N}");
        string temporary = Path.Combine(path, name + Part);
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        // Looked at again with the own file in place: of several writers at once none passes the bound.
        if (Bytes() > bytesMax)
        {
            File.Delete(temporary);
            throw new IOException($"{path}: the spool is full ({bytesMax} bytes)");
        }

        // With nothing to be written over .NET would make a second name first, which the daemon takes for a trick.
        File.Move(temporary, Path.Combine(path, name + Ending), overwrite: true);
        FolderSync.Flush(path);
    }

    /// <summary>Waiting reports, oldest first.</summary>
    public IReadOnlyList<string> Waiting() => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*" + Ending).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Clears what a writer that died in the middle left behind, and what has no business here.</summary>
    public void Sweep(DateTimeOffset now)
    {
        if (!Directory.Exists(path)) return;
        foreach (string file in Directory.EnumerateFiles(path))
        {
            if (Path.GetExtension(file) is Ending or Aside or Why) continue;
            if (now.UtcDateTime - File.GetLastWriteTimeUtc(file) > PartAgeMax) File.Delete(file);
        }
    }

    /// <summary>
    /// One of <see cref="Waiting"/>; null where it is no report (then it was set aside) or cannot be read now. Whoever
    /// may report may leave anything there: links, pipes, and files of any size are no reports.
    /// </summary>
    public static SpooledReport? Read(string file)
    {
        try
        {
            using SafeFileHandle? handle = FolderSync.OpenUntrusted(file);
            if (handle is null) return null;
            uint owner = FolderSync.OwnerOf(handle);
            ReportRequest request = JsonSerializer.Deserialize(BytesOf(handle), RequestJson.Default.ReportRequest)
                ?? throw new InvalidDataException("it holds null");
            return new(request, owner);
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException)
        {
            SetAside(file, fault.Message);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[] BytesOf(SafeFileHandle handle)
    {
        long length = RandomAccess.GetLength(handle);
        if (length > FileMax) throw new InvalidDataException($"longer than {FileMax} bytes");
        byte[] bytes = new byte[length];
        int read = RandomAccess.Read(handle, bytes, 0);
        return read == length ? bytes : throw new InvalidDataException("it shrank while it was read");
    }

    /// <summary>It is in the ledger.</summary>
    public static void Remove(string file) => File.Delete(file);

    /// <summary>Kept for people, the newest of them; never tried again.</summary>
    public static void SetAside(string file, string why)
    {
        try
        {
            string folder = Path.GetDirectoryName(file)!;
            foreach (string old in Directory.EnumerateFiles(folder, "*" + Aside).Order(StringComparer.Ordinal)
                .SkipLast(AsideMax - 1))
            {
                File.Delete(old);
                File.Delete(old + Why);
            }

            // What is too long to be a report is too long to be kept; of a link there is only the link.
            if (LengthOf(file) > FileMax) File.Delete(file);
            else Keep(file);
            // Made anew: through a link of this name that somebody put there, any file could be written over.
            File.Delete(file + Aside + Why);
            using var note = new FileStream(file + Aside + Why, FileMode.CreateNew, FileAccess.Write);
            note.Write(Encoding.UTF8.GetBytes(why + "\n"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It stays where it is, and is looked at again: that is no reason for others to wait.
        }
    }

    private static long LengthOf(string file) => new FileInfo(file) is { LinkTarget: null } at ? at.Length : 0;

    private static void Keep(string file)
    {
        try
        {
            File.Move(file, file + Aside, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Somebody has put a folder there: it need not be kept, but must not come up again and again.
            File.Delete(file);
        }
    }

    /// <summary>Of what waits or is being written; what was set aside is in nobody's way.</summary>
    private long Bytes()
    {
        long sum = 0;
        foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles())
        {
            if (file.Extension is not (Ending or Part)) continue;
            try
            {
                sum += file.Length;
            }
            catch (FileNotFoundException)
            {
                // The daemon has taken it meanwhile.
            }
        }

        return sum;
    }
}
