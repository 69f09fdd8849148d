// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Web.Maps;

/// <summary>Neighbouring cells of one row of a map with the same to show.</summary>
/// <param name="Count">Cells.</param>
/// <param name="Bytes">Of the device: all that the cells stand for, of which some is bad.</param>
/// <param name="Bad">Bytes of them that are.</param>
public readonly record struct MapRun(int Row, int Column, int Count, MapContent Content, ByteRange Bytes, long Bad);
