// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Intake;

/// <summary>
/// What one failure says alike of all its bytes. Bytes that touch and share all facts are one failure.
/// </summary>
internal readonly record struct FailureFacts(
    MediumState Medium, ContentState Content, long? Instance, bool IsSuperseded, string? Owner, string? Note)
{
    internal bool IsOpen => !IsSuperseded && Content is ContentState.Lost or ContentState.Unknown;

    internal bool IsActive =>
        !IsSuperseded && (IsOpen || Medium is MediumState.Suspect or MediumState.Confirmed);

    internal static FailureFacts Of(Failure failure) => new(
        failure.Medium, failure.Content, failure.Instance, failure.IsSuperseded, failure.Owner, failure.Note);
}
