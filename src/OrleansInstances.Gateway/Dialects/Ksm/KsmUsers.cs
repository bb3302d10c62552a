using System.Net;
using System.Text.Json;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>Users get their keys here.</summary>
internal static class KsmUsers
{
    /// <summary>A wrong name or password counts; an address that has none left is not looked at, for looking is what costs.</summary>
    public static async Task<IResult> LogInAsync(
        JsonElement userData, IPAddress? address, UserLogin login, LoginFailures failures, CancellationToken cancellationToken)
    {
        if (userData.Field("name").Text() is not { } name || userData.Field("password").Text() is not { } password)
        {
            return KsmReply.NoData.ToResult();
        }

        if (failures.IsSpent(address))
        {
            return KsmReply.TooManyAttempts.ToResult();
        }

        if (await login.LogInAsync(name, password, cancellationToken) is { } key)
        {
            var reply = new AuthorizationReply(StatusCodes.Status200OK, "User has been authorized!", new UserKey(key));
            return TypedResults.Json(reply, KsmJson.Wire.AuthorizationReply);
        }

        failures.Add(address);
        return new KsmReply(StatusCodes.Status401Unauthorized, "User not found!").ToResult();
    }
}
