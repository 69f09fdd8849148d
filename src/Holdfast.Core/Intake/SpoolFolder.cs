// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Contract;

namespace Holdfast.Core.Intake;

/// <summary>
/// Reports that `holdfast report` left because no daemon answered: a file each, written whole or not at all, drained in
/// the order of their names. What cannot be read is set aside with the reason, and blocks nobody.
/// </summary>
public sealed class SpoolFolder(string path, long bytesMax)
{
    private const string Ending = ".report";
    private const string Aside = ".bad";
    private const long FileMax = 4 << 20;

    /// <summary>Writes a report down, durably.</summary>
    /// <exception cref="IOException">It could not be written, or the spool is full.</exception>
    public void Add(ReportRequest report, DateTimeOffset now)
    {
        Directory.CreateDirectory(path);
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(report, ContractJson.Default.ReportRequest);
        if (Bytes() + bytes.Length > bytesMax) throw new IOException($"{path}: the spool is full ({bytesMax} bytes)");
        string name = string.Create(CultureInfo.InvariantCulture, $"{now.UtcTicks:D20}-{Guid.NewGuid():N}");
        string temporary = Path.Combine(path, name + ".part");
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path.Combine(path, name + Ending));
        FolderSync.Flush(path);
    }

    /// <summary>Waiting reports, oldest first.</summary>
    public IReadOnlyList<string> Waiting() => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*" + Ending).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>One of <see cref="Waiting"/>; null where it is no report: then it was set aside.</summary>
    public static ReportRequest? Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > FileMax) throw new InvalidDataException($"longer than {FileMax} bytes");
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), RequestJson.Default.ReportRequest)
                ?? throw new InvalidDataException("it holds null");
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException)
        {
            SetAside(file, fault.Message);
            return null;
        }
    }

    /// <summary>It is in the ledger.</summary>
    public static void Remove(string file) => File.Delete(file);

    /// <summary>Kept for people; never tried again.</summary>
    public static void SetAside(string file, string why)
    {
        File.Move(file, file + Aside, overwrite: true);
        File.WriteAllText(file + Aside + ".why", why + "\n");
    }

    private long Bytes() => new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);
}
