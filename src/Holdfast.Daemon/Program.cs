// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon;

/// <summary>The daemon's entry.</summary>
internal static class Program
{
    internal static int Main() => 0;
}
