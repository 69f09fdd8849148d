// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Policies;

/// <summary>
/// The signals that a rule may send, by their names in signal(7). Their numbers are those of every machine .NET runs
/// on.
/// </summary>
public static class SignalNames
{
    private static readonly (string Name, int Number)[] Numbers =
    [
        ("SIGBUS", 7), ("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGABRT", 6), ("SIGKILL", 9), ("SIGUSR1", 10),
        ("SIGUSR2", 12), ("SIGTERM", 15), ("SIGSTOP", 19),
    ];

    public static string[] All { get; } = [.. Numbers.Select(at => at.Name)];

    public static int NumberOf(string name) => Numbers.First(at => at.Name == name).Number;
}
