using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>
/// The ksm engine's instance API, under the paths of its document and those that its own panel calls. The keys are in the
/// body, so the routes check them themselves (<see cref="KsmGate"/>).
/// </summary>
internal static class KsmEndpoints
{
    public static void AddKsm(this IServiceCollection services)
    {
        services.AddSingleton<KsmPassword>();
        services.AddSingleton<KsmGate>();
    }

    public static void MapKsm(this IEndpointRouteBuilder app)
    {
        var ksm = app.MapGroup("/api").ChecksKeysItself().WithMetadata(new KsmErrorForm());
        ksm.MapOnlyPost("/pong", () => new KsmReply(StatusCodes.Status200OK, "Pong!").ToResult());

        var instance = ksm.MapGroup("/instance");
        instance.MapOnlyPost("/get", ListAsync);
        instance.MapOnlyPost("/get_instance", GetAsync);
        instance.MapOnlyPost("/start_server", StartAsync);
        instance.MapOnlyPost("/stop_server", StopAsync);
        instance.MapOnlyPost("/server_send", SendAsync);
        instance.MapOnlyPost("/get_output", GetOutputAsync);
        instance.Map("/{**path}", NoSuchPath);

        var call = instance.MapGroup("/call");
        call.MapOnlyPost("/server_start", StartAsync);
        call.MapOnlyPost("/server_stop", StopAsync);
        call.MapOnlyPost("/server_send", SendAsync);
        call.MapOnlyPost("/get_output", GetOutputAsync);
        call.MapOnlyPost("/{method}", NoSuchMethodAsync);

        var user = ksm.MapGroup("/user");
        user.MapOnlyPost("/authorization", LogInAsync);
        user.Map("/{**path}", NoSuchPath);
    }

    /// <summary>Other methods get the dialect's own answer too, in place of routing's, which has no dialect.</summary>
    private static void MapOnlyPost(this IEndpointRouteBuilder routes, string pattern, Delegate handler)
    {
        routes.MapPost(pattern, handler);
        routes.Map(pattern, NotAllowed);
    }

    private static Task<IResult> ListAsync(HttpRequest request, KsmGate gate, IInstanceCatalog catalog, CancellationToken cancellationToken) =>
        gate.OpenAsync(request, (caller, _) => KsmInstances.ListAsync(caller, catalog, cancellationToken), cancellationToken);

    private static Task<IResult> GetAsync(HttpRequest request, KsmGate gate, CancellationToken cancellationToken) =>
        gate.OpenAsync(request, InstancePermissions.View, call => Task.FromResult(KsmInstances.Show(call.Instance)), cancellationToken);

    private static Task<IResult> StartAsync(HttpRequest request, KsmGate gate, InstanceCalls instances, CancellationToken cancellationToken) =>
        gate.CallAsync(request, InstancePermissions.StartStop, (call, _) => KsmLifecycle.StartAsync(call, instances, cancellationToken), cancellationToken);

    private static Task<IResult> StopAsync(HttpRequest request, KsmGate gate, InstanceCalls instances, CancellationToken cancellationToken) =>
        gate.CallAsync(request, InstancePermissions.StartStop, (call, _) => KsmLifecycle.StopAsync(call, instances, cancellationToken), cancellationToken);

    private static Task<IResult> SendAsync(HttpRequest request, KsmGate gate, IGrainFactory grains, CancellationToken cancellationToken) =>
        gate.CallAsync(request, InstancePermissions.Console, (call, lines) => KsmConsole.SendAsync(call.Instance, lines, grains), cancellationToken);

    private static Task<IResult> GetOutputAsync(HttpRequest request, KsmGate gate, IGrainFactory grains, CancellationToken cancellationToken) =>
        gate.CallAsync(request, InstancePermissions.Console, (call, _) => KsmConsole.GetOutputAsync(call.Instance, grains, cancellationToken), cancellationToken);

    private static Task<IResult> LogInAsync(HttpRequest request, KsmGate gate, UserLogin login, KeyFailures failures, CancellationToken cancellationToken) =>
        gate.EnterAsync(
            request, body => KsmUsers.LogInAsync(body.UserData, request.HttpContext.Connection.RemoteIpAddress, login, failures, cancellationToken), cancellationToken);

    /// <summary>Told last, as the engine looks a method up only after all of its checks.</summary>
    private static Task<IResult> NoSuchMethodAsync(HttpRequest request, KsmGate gate, CancellationToken cancellationToken) =>
        gate.OpenAsync(request, InstancePermissions.None, _ => Task.FromResult(KsmReply.NotFound.ToResult()), cancellationToken);

    private static IResult NoSuchPath() => KsmReply.NotFound.ToResult(StatusCodes.Status404NotFound);

    private static IResult NotAllowed(HttpResponse response)
    {
        response.Headers.Allow = HttpMethods.Post;
        return new KsmReply(StatusCodes.Status405MethodNotAllowed, "Method not allowed!").ToResult(StatusCodes.Status405MethodNotAllowed);
    }
}
