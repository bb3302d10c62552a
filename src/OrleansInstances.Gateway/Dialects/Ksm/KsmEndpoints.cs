using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
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
        var ksm = app.MapGroup("/api").ChecksKeysItself().WithMetadata(new KsmErrorForm()).WithTags("ksm");
        ksm.MapCall("/pong", () => new KsmReply(StatusCodes.Status200OK, "Pong!").ToResult()).Describe("pong", "Says that the engine is there.");

        var instance = ksm.MapGroup("/instance");
        instance.MapCall("/get", ListAsync).Describe("ksmGetInstances", "The instances that the user may see.").Takes<KsmListBody>();
        instance.MapCall("/get_instance", GetAsync).Describe("ksmGetInstance", "One instance.").Takes<KsmCallBody>();
        instance.MapCall("/start_server", StartAsync).Describe("ksmStartServer", "Starts it.").Takes<KsmCallBody>();
        instance.MapCall("/stop_server", StopAsync).Describe("ksmStopServer", "Stops it, and forgets its output.").Takes<KsmCallBody>();
        instance.MapCall("/server_send", SendAsync).Describe("ksmServerSend", "Writes lines to its stdin.").Takes<KsmCallBody>();
        instance.MapCall("/get_output", GetOutputAsync).Describe("ksmGetOutput", "The last 100 lines since it was last stopped.").Takes<KsmCallBody>();
        instance.Map("/{**path}", NoSuchPath).ExcludeFromDescription();

        var call = instance.MapGroup("/call");
        call.MapCall("/server_start", StartAsync).Describe("ksmCallServerStart", "As start_server.").Takes<KsmCallBody>();
        call.MapCall("/server_stop", StopAsync).Describe("ksmCallServerStop", "As stop_server.").Takes<KsmCallBody>();
        call.MapCall("/server_send", SendAsync).Describe("ksmCallServerSend", "As server_send.").Takes<KsmCallBody>();
        call.MapCall("/get_output", GetOutputAsync).Describe("ksmCallGetOutput", "As get_output.").Takes<KsmCallBody>();
        call.MapCall("/{method}", NoSuchMethodAsync).ExcludeFromDescription();

        var user = ksm.MapGroup("/user");
        user.MapCall("/authorization", LogInAsync).Describe("ksmLogIn", "Gives a user a key for name and password.").Takes<KsmLoginBody>();
        user.Map("/{**path}", NoSuchPath).ExcludeFromDescription();
    }

    /// <summary>Other methods get the dialect's own answer too, in place of routing's, which has no dialect.</summary>
    private static RouteHandlerBuilder MapCall(this IEndpointRouteBuilder routes, string pattern, Delegate handler)
    {
        routes.Map(pattern, NotAllowed).ExcludeFromDescription();
        return routes.MapPost(pattern, handler)
            .Answers<KsmEnvelope>()
            .Answers<KsmReply>(StatusCodes.Status400BadRequest)
            .Answers<KsmReply>(StatusCodes.Status415UnsupportedMediaType);
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
