// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Daemon.Api;

/// <summary>One route: what serves it, and what the OpenAPI document says of it.</summary>
internal sealed record Route(
    string Method, [StringSyntax("Route")] string Path, string Summary, Func<Call, Task> Handle)
{
    /// <summary>Asked for only by the document: a daemon at rest has no type's metadata in memory.</summary>
    internal Func<JsonTypeInfo>? Request { get; init; }

    /// <summary>Null: nothing, or text.</summary>
    internal Func<JsonTypeInfo>? Answer { get; init; }

    internal int Status { get; init; } = 200;

    /// <summary>Whether a member of the group is refused.</summary>
    internal bool IsRoots { get; init; }

    internal IReadOnlyList<string> Queries { get; init; } = [];

    /// <summary>Codes of problems that it can end in, beyond what every route can.</summary>
    internal IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Answers "text/event-stream" too.</summary>
    internal bool IsStream { get; init; }
}
