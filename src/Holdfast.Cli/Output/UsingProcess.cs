// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>A process that uses what was lost. All text is visible.</summary>
/// <param name="Mapped">Lost bytes in its memory.</param>
/// <param name="Place">Its unit or container; empty where it is in none.</param>
/// <param name="Files">Each with where its bytes are and how it is open.</param>
internal sealed record UsingProcess(
    int ProcessId, string Name, string Place, long Mapped, IReadOnlyList<(string Name, string Use)> Files);
