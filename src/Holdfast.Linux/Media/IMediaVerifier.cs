// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Media;

/// <summary>How far the kernel came.</summary>
/// <param name="Start">Byte up to which all was verified, from where it was to begin.</param>
/// <param name="End">Byte up to which it would have gone: the end of the device at most.</param>
/// <param name="Error">Number of the error (errno) at the start; only where nothing was verified.</param>
public readonly record struct VerifiedMedia(long Start, long End, int Error);

/// <summary>XFS_IOC_VERIFY_MEDIA, or what does as it does.</summary>
public interface IMediaVerifier : IDisposable
{
    /// <summary>
    /// Has the kernel read a range, request by request, and throw away what it reads. It stops at the first request
    /// that fails. An empty range asks only whether it can.
    /// </summary>
    /// <param name="start">A byte at a border of logical sectors, as the end is.</param>
    /// <param name="requestMax">Bytes of a request at most.</param>
    /// <param name="tells">Whether the filesystem is to tell its own watchers what is bad: the whole request.</param>
    /// <exception cref="Interop.KernelRefusal">It does not know the question, or does not answer it.</exception>
    VerifiedMedia Verify(long start, long end, int requestMax, bool tells);
}
