// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Intake;

namespace Holdfast.Daemon.Api;

/// <summary>POST /v1/reports.</summary>
internal static class ReportRoutes
{
    internal static async Task PostAsync(Call call)
    {
        ReportRequest request = await call.BodyAsync(RequestJson.Default.ReportRequest);
        Report report = Requests.ReportOf(
            request, await call.Devices.FindAsync(request.Device), call.IsRoot ? null : call.Peer.UserId);
        // A caller that hangs up has its report all the same: only its answer is lost, and its key finds it again.
        ReportReceipt receipt = await call.Notifier.ReportAsync(report, CancellationToken.None);
        call.Services.Counters.Reported(report.Ranges.Count, receipt.IsDuplicate);
        var answer = new ReportAnswer(
            receipt.Sequence, receipt.IsDuplicate,
            [.. receipt.Failures.Select(at => new FailureRevisionJson(at.Id, at.Revision))]);
        await call.AnswerAsync(answer, ContractJson.Default.ReportAnswer, 202);
    }
}
