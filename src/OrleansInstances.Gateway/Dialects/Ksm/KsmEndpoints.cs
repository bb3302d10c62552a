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
    /// <summary>Where only POST is taken.</summary>
    private static readonly string[] Paths =
    [
        "/pong", "/user/authorization", "/instance/get", "/instance/get_instance", "/instance/start_server", "/instance/stop_server",
        "/instance/server_send", "/instance/get_output", "/instance/call/{method}",
    ];

    public static void AddKsm(this IServiceCollection services)
    {
        services.AddSingleton<KsmPassword>();
        services.AddSingleton<KsmGate>();
    }

    public static void MapKsm(this IEndpointRouteBuilder app)
    {
        var ksm = app.MapGroup("/api").ChecksKeysItself().WithMetadata(new KsmErrorForm()).WithTags("ksm");
        ksm.MapPost("/pong", Pong).Answers().Describe("pong", "Says that the engine is there.");
        ksm.MapPost("/user/authorization", LogInAsync).Answers().Describe("ksmLogIn", "Gives a user a key for name and password.").Takes<KsmLoginBody>();
        ksm.MapPost("/instance/get", ListAsync).Answers().Describe("ksmGetInstances", "The instances that the user may see.").Takes<KsmListBody>();

        var instance = ksm.MapGroup("/instance");
        instance.MapPost("/get_instance", GetAsync).AnswersCall().Describe("ksmGetInstance", "One instance.");
        instance.MapPost("/start_server", StartAsync).AnswersCall().Describe("ksmStartServer", "Starts it.");
        instance.MapPost("/stop_server", StopAsync).AnswersCall().Describe("ksmStopServer", "Stops it, and forgets its output.");
        instance.MapPost("/server_send", SendAsync).AnswersCall().Describe("ksmServerSend", "Writes lines to its stdin.");
        instance.MapPost("/get_output", GetOutputAsync).AnswersCall().Describe("ksmGetOutput", "The last 100 lines since it was last stopped.");
        instance.MapPost("/call/server_start", StartAsync).AnswersCall().Describe("ksmCallServerStart", "As start_server.");
        instance.MapPost("/call/server_stop", StopAsync).AnswersCall().Describe("ksmCallServerStop", "As stop_server.");
        instance.MapPost("/call/server_send", SendAsync).AnswersCall().Describe("ksmCallServerSend", "As server_send.");
        instance.MapPost("/call/get_output", GetOutputAsync).AnswersCall().Describe("ksmCallGetOutput", "As get_output.");
        instance.MapPost("/call/{method}", NoSuchMethodAsync).ExcludeFromDescription();

        // Routing's own answers to other methods and paths have no dialect.
        foreach (var path in Paths)
        {
            ksm.Map(path, NotAllowed).ExcludeFromDescription();
        }

        instance.Map("/{**path}", NoSuchPath).ExcludeFromDescription();
        ksm.Map("/user/{**path}", NoSuchPath).ExcludeFromDescription();
    }

    private static RouteHandlerBuilder AnswersCall(this RouteHandlerBuilder route) => route.Answers().Takes<KsmCallBody>();

    private static RouteHandlerBuilder Answers(this RouteHandlerBuilder route) => route
        .Answers<KsmEnvelope>()
        .Answers<KsmReply>(StatusCodes.Status400BadRequest);

    private static IResult Pong() => new KsmReply(StatusCodes.Status200OK, "Pong!").ToResult();

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

    private static Task<IResult> LogInAsync(HttpRequest request, KsmGate gate, UserLogin login, LoginFailures failures, CancellationToken cancellationToken) =>
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
