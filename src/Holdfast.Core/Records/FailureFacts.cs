// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Records;

/// <summary>What happened to a range. A device that is away is no media failure of its whole range (C13).</summary>
public enum FailureKind
{
    Media,
    Absent,
}

/// <summary>The medium under a range: a fact of the device (C5).</summary>
public enum MediumState
{
    /// <summary>Somebody says that it failed; nobody has read it with care.</summary>
    Suspect,

    /// <summary>Root's own probe read it and it failed.</summary>
    Confirmed,

    /// <summary>It reads again. That brings no content back.</summary>
    Readable,

    /// <summary>The device is gone with it.</summary>
    Gone,
}

/// <summary>What the range held: a fact of the filesystem instance on it (C5).</summary>
public enum ContentState
{
    /// <summary>Known to be lost.</summary>
    Lost,

    /// <summary>Nobody knows yet.</summary>
    Unknown,

    /// <summary>Something new was written there.</summary>
    Rewritten,

    /// <summary>The old content was brought back.</summary>
    Restored,

    /// <summary>An administrator says that it does not matter.</summary>
    Dismissed,
}
