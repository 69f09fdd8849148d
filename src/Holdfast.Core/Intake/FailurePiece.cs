// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>Bytes with the facts they have after a change, and the failure they were part of before it.</summary>
/// <param name="From">Null for bytes that nobody knew of.</param>
/// <param name="IsChanged">Whether a fact is another one than before.</param>
/// <param name="IsTouched">Whether the change spoke of these bytes at all.</param>
internal readonly record struct FailurePiece(
    ByteRange Range, FailureFacts Facts, Failure? From, bool IsChanged, bool IsTouched);
