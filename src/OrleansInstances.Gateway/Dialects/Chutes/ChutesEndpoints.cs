using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Dialects.Chutes.Auth;
using OrleansInstances.Gateway.Dialects.Chutes.Bodies;
using OrleansInstances.Gateway.Dialects.Chutes.Gpus;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Gateway.Dialects.Chutes.Inventory;
using OrleansInstances.Gateway.Dialects.Chutes.Verification;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Hotkeys;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>
/// The chutes instances API. Its callers sign, or hold a launch token, so the routes check that themselves. What is wrong
/// is told in the reference's order: JSON, signature, the body's fields, and then what the request asks for; with a launch
/// token the fields come before the token.
/// </summary>
internal static class ChutesEndpoints
{
    private const string Config = "/launch_config/{config_id}";
    private const string Instance = "/{chute_id}/{instance_id}";

    // What routes are signed for.
    private const string Launch = "launch";
    private const string Instances = "instances";

    public static void AddChutes(this IServiceCollection services)
    {
        services.AddOptions<ChutesOptions>().BindConfiguration("").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChutesOptions>, ChutesOptionsRules>();
        services.AddSingleton(_ => new SodiumState(SodiumLibrary.IsAvailable));
        services.AddSingleton<MinerRegistry>();
        services.AddSingleton<HotkeyGate>();
        services.AddSingleton<LaunchTokens>();
        services.AddSingleton<InventoryDesk>();
        services.AddSingleton<InventoryFile>();
        services.AddSingleton<IHostRules>(services => services.GetRequiredService<InventoryFile>());
        services.AddSingleton<HostPolicy>();
        services.AddSingleton<IPortProber, PortProber>();
        services.AddSingleton<IEnvironmentVerifier, NoEnvironmentVerifier>();
        services.AddSingleton<IFileSystemVerifier, NoFileSystemVerifier>();
        services.AddSingleton(Challenger);
        services.AddSingleton<ILegacyVerifier>(services =>
            services.GetRequiredService<IOptions<ChutesOptions>>().Value.SkipGpuVerification ? new NoLegacyVerifier() : new RefusingLegacyVerifier());
        services.AddSingleton<LegacyVerifications>();
        services.AddSingleton<LaunchDesk>();
        services.AddSingleton<MinerDesk>();
        services.AddHostedService(services => services.GetRequiredService<InventoryFile>());
        services.AddHostedService<ChutesStart>();
    }

    public static void MapChutes(this IEndpointRouteBuilder app)
    {
        var chutes = app.MapGroup("/instances").ChecksKeysItself().WithMetadata(new ChutesErrorForm()).WithTags("chutes").AddEndpointFilter(RequireSodium);
        chutes.MapGet("/launch_config", IssueAsync)
            .Describe("chutesGetLaunchConfig", "Gives a miner permission to bring an instance up.")
            .TakesQuery(new("chute_id", JsonSchemaType.String, "Of what."), new("job_id", JsonSchemaType.String, "For which job of it."))
            .Answers<IssuedReply>().FailsAsChutes();
        chutes.MapPost(Config, ClaimAsync)
            .Describe("chutesClaimLaunchConfig", "Brings the instance up, and is given a challenge.").Takes<ClaimBody>().Answers<ClaimedReply>().FailsAsChutes();
        chutes.MapPut(Config, VerifyAsync)
            .Describe("chutesVerifyLaunchConfig", "Brings the proof of the challenge.").Takes<ProofBody>().Answers<VerifiedReply>().FailsAsChutes();
        chutes.MapGet($"{Config}/activate", ActivateAsync)
            .Describe("chutesActivateLaunchConfig", "Says that the instance serves.").Answers<ActivatedReply>().FailsAsChutes();
        chutes.MapGet("/token_check", CheckToken)
            .Describe("chutesCheckToken", "Tells an address what only it is told.")
            .TakesQuery(new QueryParameter("salt", JsonSchemaType.String, "Makes it another token.")).Answers<TokenReply>().FailsAsChutes();
        chutes.MapPost("/{chute_id}", CreateAsync)
            .Describe("chutesCreateInstance", "Makes an instance of a chute of before launch configs.")
            .Takes<CreateBody>().Answers<InstanceRow>(StatusCodes.Status202Accepted).FailsAsChutes();
        chutes.MapPatch(Instance, PatchAsync)
            .Describe("chutesActivateInstance", "Says that such an instance serves, and has it verified.").Takes<PatchBody>().Answers<InstanceRow>().FailsAsChutes();
        chutes.MapDelete(Instance, DeleteAsync)
            .Describe("chutesDeleteInstance", "Deletes a miner's instance.").Answers<DeletedReply>().FailsAsChutes();

        // Routing's own answers to other methods and paths have no dialect.
        chutes.Map("/{**path}", Nothing).ExcludeFromDescription();
    }

    private static void FailsAsChutes(this RouteHandlerBuilder route)
    {
        foreach (var status in (ReadOnlySpan<int>)[400, 401, 403, 404, 409, 413, 423, 429, 500, 503, 504])
        {
            route.Answers<ChutesError>(status);
        }

        route.Answers<BodyFaults>(StatusCodes.Status422UnprocessableEntity);
    }

    private static IGpuChallenger Challenger(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ChutesOptions>>().Value;
        return options switch
        {
            { SkipGpuVerification: true } => new SoftwareGpuChallenger(),
            { GravalUrl: { } url } => new HttpGpuChallenger(url, services.GetRequiredService<TimeProvider>()),
            _ => new NoGpuChallenger(),
        };
    }

    private static async ValueTask<object?> RequireSodium(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        call.HttpContext.RequestServices.GetRequiredService<SodiumState>().IsAvailable
            ? await next(call)
            : ChutesError.Unavailable($"Hotkeys can't be checked here: {SodiumLibrary.HowToInstall}");

    private static async Task<IResult> IssueAsync(
        HttpRequest request, HotkeyGate gate, LaunchDesk desk, LaunchTokens tokens, IOptions<ChutesOptions> options, CancellationToken cancellationToken)
    {
        var miner = await gate.EnterAsync(request, Launch, body: default, cancellationToken);
        if (miner.Refusal is { } refusal)
        {
            return refusal;
        }

        if (Last(request.Query["chute_id"]) is not { } chuteId)
        {
            return new BodyFaults([BodyFault.Missing(["query", "chute_id"], null)]);
        }

        var jobId = Last(request.Query["job_id"]);
        var reply = await desk.IssueAsync(chuteId, string.IsNullOrEmpty(jobId) ? null : jobId, miner.Hotkey, cancellationToken);
        return reply is { Refusal: null, Config: { } config }
            ? TypedResults.Json(new IssuedReply(tokens.Issue(config, AddressOf(config.ConfigId, request, options.Value)), config.ConfigId), ChutesJson.Wire.IssuedReply)
            : ChutesError.Of(reply.Refusal!);
    }

    private static async Task<IResult> ClaimAsync(HttpRequest request, LaunchDesk desk, LaunchTokens tokens, ILogger<LaunchDesk> logger, CancellationToken cancellationToken)
    {
        var (body, faults) = Read(await RawBody.ReadAsync(request, cancellationToken), ClaimBody.Read);
        if (faults is not null)
        {
            return faults;
        }

        return await WithConfigAsync(request, tokens, logger, async configId =>
        {
            var outcome = await desk.ClaimAsync(configId, body!, CallerOf(request), cancellationToken);
            return outcome.Reply is { } reply ? TypedResults.Json(reply, ChutesJson.Wire.ClaimedReply) : ChutesError.Of(outcome.Refusal!);
        });
    }

    private static Task<IResult> VerifyAsync(
        HttpRequest request, LaunchDesk desk, LaunchTokens tokens, IOptions<ChutesOptions> options, ILogger<LaunchDesk> logger, CancellationToken cancellationToken) =>
        WithConfigAsync(request, tokens, logger, async configId =>
        {
            var raw = await RawBody.ReadJsonAsync(request, cancellationToken);
            if (ModelReader.Of(raw, out var fault) is null)
            {
                return new BodyFaults([fault!]);
            }

            var reply = await desk.VerifyAsync(configId, ProofBody.Read(raw.Json!.Value), cancellationToken);
            return reply.Refusal is { } refusal
                ? ChutesError.Of(refusal)
                : TypedResults.Json(Verified(reply, request, tokens, options.Value), ChutesJson.Wire.VerifiedReply);
        });

    private static Task<IResult> ActivateAsync(HttpRequest request, LaunchDesk desk, LaunchTokens tokens, ILogger<LaunchDesk> logger, CancellationToken cancellationToken) =>
        WithConfigAsync(request, tokens, logger, async configId =>
            (await desk.ActivateAsync(configId, cancellationToken)).Refusal is { } refusal
                ? ChutesError.Of(refusal)
                : TypedResults.Json(new ActivatedReply(true), ChutesJson.Wire.ActivatedReply));

    private static IResult CheckToken(HttpRequest request, IOptions<ChutesOptions> options)
    {
        var address = request.Headers["X-Forwarded-For"].ToString().Split(',')[0];
        return TypedResults.Json(new TokenReply(TokenCheck.Of(address, options.Value.IpCheckSalt, Last(request.Query["salt"]))), ChutesJson.Wire.TokenReply);
    }

    private static async Task<IResult> CreateAsync(string chute_id, HttpRequest request, HotkeyGate gate, MinerDesk desk, CancellationToken cancellationToken)
    {
        if (!request.Path.Value!.EndsWith('/'))
        {
            return TypedResults.LocalRedirect($"~{request.Path.ToUriComponent()}/{request.QueryString}", permanent: false, preserveMethod: true);
        }

        return await SignedAsync(request, gate, CreateBody.Read, async (body, hotkey) =>
        {
            var reply = await desk.CreateAsync(chute_id, hotkey, body, cancellationToken);
            return reply.Instance is { } instance
                ? TypedResults.Json(new InstanceRow(instance), ChutesJson.Wire.InstanceRow, statusCode: StatusCodes.Status202Accepted)
                : ChutesError.Of(reply.Refusal!);
        }, cancellationToken);
    }

    private static Task<IResult> PatchAsync(
        string chute_id, string instance_id, HttpRequest request, HotkeyGate gate, MinerDesk desk, LegacyVerifications verifications, CancellationToken cancellationToken) =>
        SignedAsync(request, gate, PatchBody.Read, async (body, hotkey) =>
        {
            if (!body.Active)
            {
                return ChutesError.BadRequest("""Patch endpoint only supports {"active": true} as request body.""");
            }

            if (!Guid.TryParseExact(instance_id, "D", out var instanceId))
            {
                return ChutesError.NotFound("Instance not found.");
            }

            var reply = await desk.ActivateAsync(instanceId, chute_id, hotkey, cancellationToken);
            if (reply.Instance is not { } instance)
            {
                return ChutesError.Of(reply.Refusal!);
            }

            return instance.Verified || await verifications.BeginAsync(instance, cancellationToken)
                ? TypedResults.Json(new InstanceRow(instance), ChutesJson.Wire.InstanceRow)
                : ChutesError.TooMany("Too may verification requests.");
        }, cancellationToken);

    private static async Task<IResult> DeleteAsync(
        string chute_id, string instance_id, HttpRequest request, HotkeyGate gate, MinerDesk desk, CancellationToken cancellationToken)
    {
        var miner = await gate.EnterAsync(request, Instances, body: default, cancellationToken);
        if (miner.Refusal is { } refusal)
        {
            return refusal;
        }

        if (!Guid.TryParseExact(instance_id, "D", out var instanceId))
        {
            return ChutesError.NotFound($"Instance with chute_id='{chute_id}' {instance_id} associated with hotkey='{miner.Hotkey}' not found");
        }

        var reply = await desk.DeleteAsync(instanceId, chute_id, miner.Hotkey, cancellationToken);
        return reply.Refusal is { } no
            ? ChutesError.Of(no)
            : TypedResults.Json(new DeletedReply(instance_id, true), ChutesJson.Wire.DeletedReply);
    }

    private static ChutesError Nothing(string? path) => (path ?? "").TrimEnd('/').Split('/') switch
    {
        [not "", ..] parts when parts is [_] or [_, _] or ["launch_config", _, "activate"] =>
            new("Method Not Allowed") { Status = StatusCodes.Status405MethodNotAllowed },
        _ => ChutesError.NotFound("Not Found"),
    };

    /// <summary>Runs what a hotkey signed with its body.</summary>
    private static async Task<IResult> SignedAsync<T>(
        HttpRequest request, HotkeyGate gate, Func<ModelReader, T> read, Func<T, string, Task<IResult>> run, CancellationToken cancellationToken)
        where T : class
    {
        var raw = await RawBody.ReadAsync(request, cancellationToken);
        if (raw.Malformed is { } malformed)
        {
            return new BodyFaults([malformed]);
        }

        var miner = await gate.EnterAsync(request, purpose: null, raw.Bytes, cancellationToken);
        if (miner.Refusal is { } refusal)
        {
            return refusal;
        }

        var (body, faults) = Read(raw, read);
        return faults is not null ? faults : await run(body!, miner.Hotkey);
    }

    /// <summary>Runs what the request's launch token opens.</summary>
    private static async Task<IResult> WithConfigAsync(HttpRequest request, LaunchTokens tokens, ILogger logger, Func<Guid, Task<IResult>> run)
    {
        var configId = (string)request.RouteValues["config_id"]!;
        var subject = await tokens.SubjectAsync(request.Headers.Authorization);
        if (subject is null)
        {
            return ChutesError.Unauthorized("Missing or invalid launch config JWT");
        }

        if (subject != configId)
        {
            return ChutesError.Unauthorized($"Launch config config_id='{configId}' does not match token!");
        }

        if (!Guid.TryParseExact(configId, "D", out var id))
        {
            return ChutesError.Unauthorized($"Launch config {configId} not found in database.");
        }

        try
        {
            return await run(id);
        }
        catch (GpuChallengerException error)
        {
            logger.LogNoChallenge(error, id);
            return new ChutesError(error.Message);
        }
    }

    /// <summary>The body as its model, or all that is wrong with it.</summary>
    private static (T? Body, BodyFaults? Faults) Read<T>(RawBody raw, Func<ModelReader, T> read)
        where T : class
    {
        if (ModelReader.Of(raw, out var fault) is not { } reader)
        {
            return (null, new BodyFaults([fault!]));
        }

        var body = read(reader);
        return reader.Faults.Count == 0 ? (body, null) : (null, new BodyFaults(reader.Faults));
    }

    private static VerifiedReply Verified(LaunchReply reply, HttpRequest request, LaunchTokens tokens, ChutesOptions options)
    {
        var config = reply.Config!;
        var verified = new VerifiedReply(
            config.ChuteId, reply.Instance!.InstanceId, NaiveTime.Of(config.VerifiedAt!.Value), $"{AddressOf(config.ConfigId, request, options)}/activate");
        return reply.Job is not { } job ? verified : verified with
        {
            JobId = job.JobId,
            JobMethod = job.Method,
            JobData = job.Args is { } args ? JsonNode.Parse(args) : new JsonObject(),
            JobStatusUrl = $"{options.AddressFor(request)}/jobs/{Uri.EscapeDataString(job.JobId)}?token={tokens.IssueForJob(job.JobId)}",
        };
    }

    private static string AddressOf(Guid configId, HttpRequest request, ChutesOptions options) =>
        $"{options.AddressFor(request)}/instances/launch_config/{configId}";

    /// <summary>Where a request came from, as the proxy in front says, else as its connection does.</summary>
    private static string CallerOf(HttpRequest request)
    {
        var forwarded = request.Headers["X-Forwarded-For"].ToString().Split(',')[0].Trim();
        var address = request.HttpContext.Connection.RemoteIpAddress;
        return forwarded.Length > 0 ? forwarded : (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "";
    }

    /// <summary>Of a parameter that is given more than once, the last counts.</summary>
    private static string? Last(IReadOnlyList<string?> values) => values is [.., { } last] ? last : null;
}
