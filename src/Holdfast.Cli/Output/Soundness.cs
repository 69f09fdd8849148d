// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Describe;

namespace Holdfast.Cli.Output;

/// <summary>Whether a structure that was taken apart is believed: its "state" says so, where it has one.</summary>
internal static class Soundness
{
    public const string FieldName = "state";
    public const string Sound = "sound";

    public static bool IsSound(this Description description) =>
        description.Fields.All(f => f.Name != FieldName || f.Value == Sound);
}
