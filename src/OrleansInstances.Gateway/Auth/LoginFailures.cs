using Microsoft.Extensions.Options;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Counts refused passwords of users apart from refused keys: a panel that goes on with a key that is over must not keep its users from logging in again.</summary>
internal sealed class LoginFailures(TimeProvider time, IOptions<GatewayOptions> options) : KeyFailures(time, options);
