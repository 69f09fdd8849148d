// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using Holdfast.Testing.Programs;
using Xunit.Sdk;

namespace Holdfast.Testing.Oracle;

/// <summary>Which geometries a theory runs with.</summary>
public enum Geometries
{
    All,
    WithRmapbt,
    WithoutRmapbt,
}

/// <summary>
/// Feeds a theory the names of geometries (see <see cref="XfsGeometry.Named"/>), a test each. Given twice: one for
/// those
/// that the system's mkfs makes, one for those of the newer xfsprogs, which is skipped alone where that is not there.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class GeometryDataAttribute(Geometries which, bool newer = false) : DataAttribute
{
    public override string? Skip => newer ? Requirement.WhySkip(Needs.NewerXfsprogs) : null;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => XfsGeometry.All
        .Where(geometry => geometry.Newer == newer)
        .Where(geometry => which == Geometries.All || geometry.HasRmapbt == (which == Geometries.WithRmapbt))
        .Select(geometry => new object[] { geometry.Name });
}
