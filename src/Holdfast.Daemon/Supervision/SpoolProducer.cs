// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;

namespace Holdfast.Daemon.Supervision;

/// <summary>
/// The spool's folder as a producer: drained at the start, and looked at every few seconds after that.
/// </summary>
internal sealed class SpoolProducer(DaemonServices services, ILogger logger, TimeSpan every) : IProducer
{
    public string Name => "spool";

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        while (true)
        {
            await SpoolDrain.RunOnceAsync(services, intake, logger, cancellationToken);
            await Task.Delay(every, cancellationToken);
        }
    }
}
