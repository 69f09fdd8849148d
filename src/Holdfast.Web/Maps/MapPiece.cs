// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Web.Maps;

/// <summary>Bad bytes of a device, and what they were.</summary>
public readonly record struct MapPiece(ByteRange Bytes, MapContent Content);
