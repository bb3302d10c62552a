using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Idempotency;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>
/// What a request must pass, in the engine's order: its password, the user's key, the instance, the user's permission, and
/// only then what the method itself asks for. A refusal never tells what a later check would have said.
/// </summary>
internal sealed class KsmGate(KsmPassword password, KeyRing ring, KeyFailures failures, InstanceCalls instances, IdempotentRequests requests)
{
    /// <summary>Runs what needs no user, once the password is good.</summary>
    public async Task<IResult> EnterAsync(HttpRequest request, Func<KsmRequest, Task<IResult>> run, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(KsmJson.Wire.KsmRequest, cancellationToken)).TryGet(out var body, out _))
        {
            // Not the dialect's at all, so HTTP says so too.
            return KsmReply.BadArguments.ToResult(StatusCodes.Status400BadRequest);
        }

        return await password.IsAsync(body.Password.Text(), cancellationToken) ? await run(body) : Refuse(request.HttpContext);
    }

    /// <summary>Runs what is about no single instance, once the user's key is good too.</summary>
    public Task<IResult> OpenAsync(HttpRequest request, Func<Caller, KsmRequest, Task<IResult>> run, CancellationToken cancellationToken) =>
        EnterAsync(
            request,
            async body => body.UserKey.Text() is { } key && await ring.FindAsync(key, cancellationToken) is { } caller
                ? await RunOnceAsync(request, key, caller, body, () => run(caller, body))
                : Refuse(request.HttpContext),
            cancellationToken);

    /// <summary>Runs what is about one instance, once the caller may do it.</summary>
    public Task<IResult> OpenAsync(HttpRequest request, InstancePermissions needed, Func<KsmCall, Task<IResult>> run, CancellationToken cancellationToken) =>
        OpenAsync(
            request,
            async (caller, body) =>
            {
                if (body.InstanceData.Field("instance_id").InstanceNumber() is not { } number)
                {
                    return KsmReply.NoData.ToResult();
                }

                var reply = await instances.GetAsync(caller, number.ToString(CultureInfo.InvariantCulture), cancellationToken);
                if (reply.Instance is not { } instance)
                {
                    return KsmReply.Of(reply.Refusal!).ToResult();
                }

                return caller.PermissionsOn(instance.Id).HasFlag(needed)
                    ? await run(new KsmCall(caller, instance, body.InstanceData))
                    : KsmReply.Forbidden.ToResult();
            },
            cancellationToken);

    /// <summary>Runs a method with its <c>args</c>. The engine hands it <c>kwargs</c> too; no method here has a use for them.</summary>
    public Task<IResult> CallAsync(
        HttpRequest request, InstancePermissions needed, Func<KsmCall, IReadOnlyList<string>, Task<IResult>> method, CancellationToken cancellationToken) =>
        OpenAsync(
            request,
            needed,
            call => ArgumentsOf(call.Data) is { } arguments ? method(call, arguments) : Task.FromResult(KsmReply.BadArguments.ToResult()),
            cancellationToken);

    /// <summary>With an idempotency key it is run while it is answered, or not at all.</summary>
    private async Task<IResult> RunOnceAsync(HttpRequest request, string key, Caller caller, KsmRequest body, Func<Task<IResult>> run)
    {
        if (!IdempotentRequests.Concerns(request))
        {
            return await run();
        }

        var data = body.InstanceData.IsNothing() ? "" : body.InstanceData.GetRawText();
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(data));
        return new KeyedResult(context => requests.RunAsync(context, caller.KeyId ?? Guid.Empty, hash, async () => await (await run()).ExecuteAsync(context)));
    }

    private IResult Refuse(HttpContext context) =>
        (failures.Add(context.Connection.RemoteIpAddress) ? KsmReply.TooManyAttempts : KsmReply.Forbidden).ToResult();

    private static IReadOnlyList<string>? ArgumentsOf(JsonElement data)
    {
        var kwargs = data.Field("kwargs");
        if (!kwargs.IsNothing() && kwargs.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var args = data.Field("args");
        return args.IsNothing() ? [] : args.Texts();
    }

    private sealed class KeyedResult(Func<HttpContext, Task> execute) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => execute(httpContext);
    }
}
