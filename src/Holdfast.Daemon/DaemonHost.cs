// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using Holdfast.Core;
using Holdfast.Core.Configuration;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Daemon.Access;
using Holdfast.Daemon.Api;
using Holdfast.Daemon.Filesystems;
using Holdfast.Daemon.Importing;
using Holdfast.Daemon.Media;
using Holdfast.Daemon.Supervision;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holdfast.Daemon;

/// <summary>Puts the daemon together and runs it until it is told to stop.</summary>
internal static partial class DaemonHost
{
    private const int ConnectionsMax = 1024;
    private static readonly TimeSpan SpoolEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(20);

    internal static async Task RunAsync(DaemonConfiguration configuration, CancellationToken cancellationToken)
    {
        uint? group = Groups.Find("/etc/group", configuration.SocketGroup);
        SocketDoor.KeepPrivate();
        SocketDoor.Prepare(configuration.SocketPath, group);
        Directory.CreateDirectory(Path.GetDirectoryName(configuration.LedgerPath)!);
        string? spoolTrouble = SocketDoor.OpenSpool(configuration.SpoolPath, group);
        // An empty one: the others read settings of the working folder, and watch it for changes.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            Args = [], ContentRootPath = "/", ApplicationName = "holdfastd",
        });
        builder.Logging.AddSystemdConsole().SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopTimeMax);
        var counters = new Counters();
        var door = new Doorkeeper(
            new AccessRule(group, Users.Effective), new CallerLimits(TimeProvider.System), counters);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, configuration.SocketPath, door));
        builder.Services.AddRoutingCore();
        await using WebApplication app = builder.Build();
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Holdfast");
        await using Notifier notifier = await StartAsync(configuration, cancellationToken);
        var devices = new RecentDevices(name => DeviceIdentities.Find(name, KernelRoots.Real), TimeProvider.System);
        var services = new DaemonServices(
            notifier, configuration, devices.Find, counters, DateTimeOffset.UtcNow, VersionOf(),
            app.Lifetime.ApplicationStopping);
        using Telemetry? telemetry = Telemetry.Start(services);
        Routes.Map(app, services, logger);
        using CancellationTokenRegistration stop = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.StartAsync(cancellationToken);
        SocketDoor.Open(configuration.SocketPath, group);
        Started(logger, configuration.SocketPath, configuration.LedgerPath);
        services.Degradations.Set("spool-folder", spoolTrouble);
        if (spoolTrouble is null) notifier.Start(new SpoolProducer(services, logger, SpoolEvery));
        if (configuration.HearsKernel) KernelListening.Start(services);
        services.Scans.Start(services);
        if (configuration.ImportFolder is { } folder)
        {
            notifier.Start(new ImportProducer(folder, KernelRoots.Real, logger));
        }

        using var supervision = new CancellationTokenSource();
        Task watching = Task.WhenAll(
            Supervisor.RunAsync(services, logger, supervision.Token),
            RetentionRounds.RunAsync(services, logger, supervision.Token),
            configuration.HoldsMounts
                ? new MountHolders(services, KernelRoots.Real, logger).RunAsync(supervision.Token)
                : Task.CompletedTask);
        SystemdNotifier.Send("READY=1");
        await app.WaitForShutdownAsync(cancellationToken);
        SystemdNotifier.Send("STOPPING=1");
        await services.Scans.StoppedAsync();
        await supervision.CancelAsync();
        await watching;
        Stopped(logger);
    }

    private static async Task<Notifier> StartAsync(
        DaemonConfiguration configuration, CancellationToken cancellationToken)
    {
        Notifier? started = null;
        // The resolver asks the ledger for a device's name of today; it is asked only once the notifier runs.
        Func<long, CancellationToken, Task<string?>> nameOf = (device, stop) => NameOfAsync(started!, device, stop);
        started = await Notifier.StartAsync(
            new()
            {
                OpenLedger = () => FailureLedger.Open(configuration.LedgerPath, TimeProvider.System),
                Time = TimeProvider.System,
                Random = Random.Shared,
                Host = Environment.MachineName,
                Resolvers = new XfsResolvers(nameOf),
                Rules = configuration.Rules,
                Parties = configuration.Parties,
                Policies = PolicyList.All(configuration, nameOf),
                SpoolBytesMax = configuration.SpoolBytesMax,
            },
            cancellationToken);
        return started;
    }

    /// <summary>Its node or file of today: by identity, else where it was last seen.</summary>
    private static async Task<string?> NameOfAsync(Notifier notifier, long device, CancellationToken stop)
    {
        Core.Records.DeviceIdentity? known = await notifier.DeviceAsync(device, stop);
        if (known is null) return null;
        Core.Records.DeviceIdentity? now = DeviceIdentities.Find(known.Identity, KernelRoots.Real)
            ?? DeviceIdentities.Find(known.Name, KernelRoots.Real);
        return now?.Identity == known.Identity ? now.Name : null;
    }

    private static void Limit(KestrelServerOptions kestrel, string socket, Doorkeeper door)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Call.BodyMax;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestLineSize = 8 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
        kestrel.ListenUnixSocket(socket, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => door.LetInAsync(next, connection));
        });
    }

    private static string VersionOf() =>
        typeof(DaemonHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "";

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "listening on {Socket}, ledger {Ledger}")]
    private static partial void Started(ILogger logger, string socket, string ledger);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "stopped")]
    private static partial void Stopped(ILogger logger);
}
