using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Auth.Keys;
using OrleansInstances.Gateway.Auth.Users;
using OrleansInstances.Gateway.Cluster;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Inventory;
using OrleansInstances.Gateway.Dialects.Koyeb;
using OrleansInstances.Gateway.Dialects.Koyeb.Exec;
using OrleansInstances.Gateway.Dialects.Ksm;
using OrleansInstances.Gateway.Dialects.Starpod;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Health;
using OrleansInstances.Gateway.Idempotency;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Hosting;

namespace OrleansInstances.Gateway;

/// <summary>Makes a silo's host speak HTTP.</summary>
public static class GatewayHosting
{
    private const string DefaultAddress = "http://localhost:3000";

    /// <summary>Adds what the silo's role calls for.</summary>
    public static WebApplicationBuilder AddHttp(this WebApplicationBuilder builder, OrleansInstancesOptions silo) =>
        silo.IsGateway ? builder.AddGateway() : builder.AddHealth();

    /// <summary>Maps what was added.</summary>
    public static WebApplication MapHttp(this WebApplication app, OrleansInstancesOptions silo) =>
        silo.IsGateway ? app.MapGateway() : app.MapHealthAlone();

    /// <summary>Adds what the routes need. Grains and storage come from the silo.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .Configure<DataFolder>((options, folder) => options.DataFolder = folder.Path)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsRules>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<KeyFailures>();
        builder.Services.AddSingleton<LoginFailures>();
        builder.Services.AddSingleton<PasswordHasher>();
        builder.Services.AddSingleton<UserLogin>();
        builder.Services.AddSingleton<KeyDesk>();
        builder.Services.AddSingleton<UserDesk>();
        builder.Services.AddHostedService<FirstKeys>();
        builder.Services.AddSingleton<IdempotentRequests>();
        builder.Services.AddHostedService<IdempotencyPruner>();
        builder.Services.AddSingleton<InstanceLocator>();
        builder.Services.AddSingleton<InstanceCalls>();
        builder.Services.AddSingleton<DependencyNames>();
        builder.Services.AddSingleton<InstanceHistory>();
        builder.Services.AddSingleton<UsageCache>();
        builder.Services.AddSingleton<NodeDesk>();
        builder.Services.AddSingleton<ExecCalls>();
        builder.Services.AddSingleton<ExecRequests>();
        builder.Services.AddApiDescription();
        builder.Services.AddKsm();
        builder.Services.AddChutes();

        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Limits.MaxRequestBodySize = kestrel.ApplicationServices.GetRequiredService<IOptions<GatewayOptions>>().Value.MaxBodyBytes);
        return builder.AddHealth();
    }

    private static WebApplicationBuilder AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Faults>();
        builder.Services.AddHostedService<Announcement>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (string.IsNullOrEmpty(builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)))
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        return builder;
    }

    /// <summary>Maps every route, and asks for a key on each that does not say otherwise; on paths that lead nowhere too.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        app.UseMiddleware<ErrorMiddleware>();
        app.UseWebSockets();
        app.UseRouting();
        app.UseMiddleware<KeyMiddleware>();
        app.UseWhen(IdempotencyMiddleware.Concerns, keyed => keyed.UseMiddleware<IdempotencyMiddleware>());
        app.MapApiDescription();
        app.MapHealth();
        app.MapCluster();
        app.MapKeys();
        app.MapUsers();
        app.MapStarpod();
        app.MapKsm();
        app.MapKoyeb();
        app.MapChutes();
        app.MapInventory();
        return app;
    }

    /// <summary>A silo that is no gateway tells whoever watches it how it is, and nothing else.</summary>
    private static WebApplication MapHealthAlone(this WebApplication app)
    {
        app.UseMiddleware<ErrorMiddleware>();
        app.UseRouting();
        app.MapHealth();
        return app;
    }
}
