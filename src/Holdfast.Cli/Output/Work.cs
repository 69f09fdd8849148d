// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Spectre.Console;

namespace Holdfast.Cli.Output;

/// <summary>
/// Runs what may take long, with a progress bar on stderr where that is a terminal. Work that is done in a moment shows
/// none.
/// </summary>
internal static class Work
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(400);

    public static T Run<T>(string what, Func<IProgress<double>?, T> work)
    {
        if (!Terminal.IsError || !Terminal.HasCursor) return work(null);
        var latest = new Latest();
        Task<T> task = Task.Run(() => work(latest));
        if (!Task.WhenAny(task, Task.Delay(Moment)).GetAwaiter().GetResult().Equals(task)) Show(what, latest, task);
        return task.GetAwaiter().GetResult();
    }

    private static void Show(string what, Latest latest, Task task)
    {
        // The bar hides the cursor: an interrupted run gives it back.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            Console.Error.WriteLine("\u001b[?25h");
        });
        IAnsiConsole console = AnsiConsole.Create(new()
        {
            ColorSystem = Terminal.HasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Console.Error),
        });
        console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask bar = context.AddTask(what, maxValue: 1);
            while (!task.Wait(100)) bar.Value = latest.Value;
        });
    }

    /// <summary>Progress as a number to look at: nobody is called, and the worker never waits.</summary>
    private sealed class Latest : IProgress<double>
    {
        private double _value;

        public double Value => Volatile.Read(ref _value);

        public void Report(double value) => Volatile.Write(ref _value, value);
    }
}
