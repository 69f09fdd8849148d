// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Contract;

/// <summary>
/// How the wire types are written: snake_case, absent instead of null. Clients skip what they do not know.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(ReportRequest))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(FailureJson))]
[JsonSerializable(typeof(FailurePageJson))]
[JsonSerializable(typeof(FailureDetailJson))]
[JsonSerializable(typeof(FailureActionRequest))]
[JsonSerializable(typeof(FailureRevisionJson))]
[JsonSerializable(typeof(NoticeJson))]
[JsonSerializable(typeof(NoticePageJson))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(DigestJson))]
[JsonSerializable(typeof(HolderRequest))]
[JsonSerializable(typeof(HolderJson))]
[JsonSerializable(typeof(HolderListJson))]
[JsonSerializable(typeof(PartyRequest))]
[JsonSerializable(typeof(PartyJson))]
[JsonSerializable(typeof(PartyListJson))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(SilenceJson))]
[JsonSerializable(typeof(SilenceListJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(IReadOnlyList<ScanJson>))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(DisarmRequest))]
[JsonSerializable(typeof(ExplanationJson))]
[JsonSerializable(typeof(DeviceListJson))]
[JsonSerializable(typeof(ProblemJson))]
public sealed partial class ContractJson : JsonSerializerContext;

/// <summary>
/// The same for what is sent to the daemon: a member that it does not know is an error, not a mistake in typing
/// that nobody notices.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(ReportRequest))]
[JsonSerializable(typeof(FailureActionRequest))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(HolderRequest))]
[JsonSerializable(typeof(PartyRequest))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(DisarmRequest))]
public sealed partial class RequestJson : JsonSerializerContext;
