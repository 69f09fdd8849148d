// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Configuration;

/// <summary>What is wrong with the configuration, and where.</summary>
/// <param name="Line">From 1; 0 where it is the file as a whole.</param>
public sealed record ConfigurationFault(int Line, int Column, string Message)
{
    public override string ToString() => Line == 0 ? Message : $"line {Line}, column {Column}: {Message}";
}
