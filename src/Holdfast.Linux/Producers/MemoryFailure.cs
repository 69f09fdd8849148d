// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;

namespace Holdfast.Linux.Producers;

/// <summary>A page of memory that the kernel has given up (memory_failure_event).</summary>
/// <param name="Page">Bytes of physical memory.</param>
/// <param name="Kind">In the kernel's words what it was: "dax page"; empty where the kernel gives no word.</param>
/// <param name="Result">"Ignored", "Failed", "Delayed", "Recovered"; empty likewise.</param>
/// <remarks>
/// The result says what became of those who used the page: whether they were told, ended, or could not be found. That
/// its bytes are lost all results have in common, also "Recovered": the event comes after the memory itself has failed,
/// and nothing brings persistent memory's content back. Only a page of ordinary memory may have a copy elsewhere, and
/// is nobody's bytes here. Numbers of kinds and results were given anew between kernels, so they are told by the words
/// of the running one.
/// </remarks>
public readonly record struct MemoryFailure(ByteRange Page, string Kind, string Result)
{
    /// <summary>The fields that <see cref="TryParse"/> needs.</summary>
    public static readonly string[] Fields = ["pfn", "type", "result"];

    /// <param name="pageSize">Bytes; pfn counts them.</param>
    public static bool TryParse(
        TraceFormat format, ReadOnlySpan<byte> data, long pageSize, MemoryFailureWords words, out MemoryFailure failure)
    {
        failure = default;
        if (data.Length < sizeof(ushort) || MemoryMarshal.Read<ushort>(data) != format.Id) return false;
        if (!format["pfn"].TryRead(data, out long page) || !format["type"].TryRead(data, out long kind)) return false;
        if (!format["result"].TryRead(data, out long result)) return false;
        if (page < 0 || page >= long.MaxValue / pageSize) return false;
        failure = new(
            new(page * pageSize, pageSize), words.Kinds.GetValueOrDefault(kind, ""),
            words.Results.GetValueOrDefault(result, ""));
        return true;
    }
}

/// <summary>The running kernel's words for the numbers in its memory failures.</summary>
public sealed record MemoryFailureWords(
    IReadOnlyDictionary<long, string> Kinds, IReadOnlyDictionary<long, string> Results)
{
    public static MemoryFailureWords Of(TraceFormat format) => new(format.WordsOf("type"), format.WordsOf("result"));
}
