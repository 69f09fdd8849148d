// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli;

/// <summary>Ends a verb with one clear line on stderr and an exit status. Caught in one place.</summary>
internal sealed class CommandFailure(string message, ExitBits bits = ExitBits.Failed) : Exception(message)
{
    public ExitBits Bits => bits;
}
