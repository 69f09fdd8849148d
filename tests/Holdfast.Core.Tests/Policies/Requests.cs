// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Policies;

/// <summary>Notices and requests for policies, as the engine would hand them over.</summary>
internal static class Requests
{
    internal static readonly Guid Failure = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");

    internal const string Fs = "11111111-2222-3333-4444-555555555555";

    internal static Notice Notice(string? impacts = null) => new()
    {
        Number = 7,
        Failure = Failure,
        Revision = 2,
        Cause = NoticeCause.Confirmed,
        State = NoticeState.Published,
        Device = 1,
        Range = new(4096, 512),
        Kind = FailureKind.Media,
        Medium = MediumState.Confirmed,
        Content = ContentState.Lost,
        Time = DateTimeOffset.UnixEpoch.AddDays(20_000),
        Impacts = impacts is null ? default : Encoding.UTF8.GetBytes(impacts),
        IsComplete = true,
    };

    internal static FeedItem Item(Notice notice) =>
        new(notice, new("serial:TEST", true, "/dev/sdx", 1 << 30), new("xfs", Fs, null));

    internal static PolicyRequest Of(Rule rule, string payload = "{\"key\":\"k\"}", string? impacts = null) =>
        new("on.call", rule, [Notice(impacts)], Encoding.UTF8.GetBytes(payload), "on.call/f/2/7");
}
