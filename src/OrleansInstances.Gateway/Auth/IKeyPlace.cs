namespace OrleansInstances.Gateway.Auth;

/// <summary>Endpoint metadata: another place where a dialect's clients send their key, looked at when the usual headers have none.</summary>
internal interface IKeyPlace
{
    /// <summary>The key as sent; null when there is none.</summary>
    string? KeyOf(HttpRequest request);
}
