// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.Metrics;
using Holdfast.Core.Queries;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Holdfast.Daemon;

/// <summary>The numbers of /metrics by OTLP, where the configuration names an endpoint.</summary>
internal sealed class Telemetry : IDisposable
{
    private const string MeterName = "Holdfast";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private readonly Meter _meter = new(MeterName);
    private readonly MeterProvider _provider;

    private Telemetry(DaemonServices services, Uri endpoint)
    {
        foreach (Metric metric in Metrics.All)
        {
            string name = "holdfast." + metric.Name;
            long Read() => metric.Read(services, services.LastStatus);
            if (metric.IsCounter) _meter.CreateObservableCounter(name, Read, description: metric.Help);
            else _meter.CreateObservableGauge(name, Read, description: metric.Help);
        }

        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.Clear().AddService(
                "holdfastd", serviceVersion: services.Version, serviceInstanceId: services.Notifier.Host))
            .AddMeter(MeterName)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = new Uri(endpoint, "/v1/metrics");
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.TimeoutMilliseconds = 5000;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)Period.TotalMilliseconds;
            })
            .Build();
    }

    /// <summary>Null where nothing is configured: then nothing of it is even loaded.</summary>
    internal static Telemetry? Start(DaemonServices services) =>
        services.Configuration.OtlpEndpoint is { } endpoint ? new(services, endpoint) : null;

    /// <summary>Sends what there is to send, for a few seconds at most.</summary>
    public void Dispose()
    {
        _provider.Dispose();
        _meter.Dispose();
    }
}
