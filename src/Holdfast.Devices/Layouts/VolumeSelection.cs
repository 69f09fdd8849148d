// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>The volume that was chosen; or null, and a line that says why not and what there is.</summary>
public sealed record VolumeSelection(LayoutNode? Volume, string Reason);
