// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli;

internal static class Program
{
    private static int Main(string[] arguments) =>
        new RootCommand("Names what a bad range of a device broke.").Parse(arguments).Invoke();
}
