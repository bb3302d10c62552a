using OrleansInstances.Gateway.Errors;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth.Users;

/// <summary>The users who log in with a password, where a dialect has such.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/users").RequireScope(Scopes.Admin);
        users.MapGet("/", ListAsync);
        users.MapPost("/", CreateAsync);
        users.MapGet("/{id:int}", GetAsync);
        users.MapPatch("/{id:int}", UpdateAsync);
        users.MapDelete("/{id:int}", DeleteAsync);
        users.MapUserPermissions();
    }

    public static ApiError NoSuchUser { get; } = new(StatusCodes.Status404NotFound, "not_found", "There is no such user.");

    private static async Task<IResult> ListAsync(IUserTable table, CancellationToken cancellationToken)
    {
        var users = await table.ListAsync(cancellationToken);
        return TypedResults.Json(users.Select(UserDescription.Of), UserJson.Wire.IEnumerableUserDescription);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, UserDesk desk, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(UserJson.Wire.UserRequest, cancellationToken)).TryGet(out var body, out var error))
        {
            return error;
        }

        if ((UserRules.NameFault(body.Name) ?? UserRules.PasswordFault(body.Password)) is { } fault)
        {
            return ApiError.Invalid(fault);
        }

        return await desk.AddAsync(body.Name!, body.Password!, body.Administrator ?? false, cancellationToken) is { } user
            ? TypedResults.Json(UserDescription.Of(user), UserJson.Wire.UserDescription, statusCode: StatusCodes.Status201Created)
            : new ApiError(StatusCodes.Status409Conflict, "name_taken", "There is a user of this name.");
    }

    private static async Task<IResult> GetAsync(int id, IUserTable table, CancellationToken cancellationToken) =>
        Answer(await table.FindAsync(id, cancellationToken));

    private static async Task<IResult> UpdateAsync(int id, HttpRequest request, UserDesk desk, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(UserJson.Wire.UserRequest, cancellationToken)).TryGet(out var body, out var error))
        {
            return error;
        }

        var fault = body switch
        {
            { Name: not null } => "name can't be changed.",
            { Password: { } password } => UserRules.PasswordFault(password),
            _ => null,
        };
        return fault is null
            ? Answer(await desk.ChangeAsync(id, body.Password, body.Administrator, cancellationToken))
            : ApiError.Invalid(fault);
    }

    private static async Task<IResult> DeleteAsync(int id, UserDesk desk, CancellationToken cancellationToken) =>
        await desk.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent() : NoSuchUser;

    private static IResult Answer(StoredUser? user) =>
        user is null ? NoSuchUser : TypedResults.Json(UserDescription.Of(user), UserJson.Wire.UserDescription);
}
