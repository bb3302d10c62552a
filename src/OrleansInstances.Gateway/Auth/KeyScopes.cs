namespace OrleansInstances.Gateway.Auth;

/// <summary>What a stored key opens: words separated by blanks.</summary>
internal static class KeyScopes
{
    /// <summary>Everything that the API keys open.</summary>
    public const string Admin = "admin";

    /// <summary>The ksm dialect's engine password: no API key, but kept beside them.</summary>
    public const string Ksm = "ksm";

    public static bool OpensApi(string scopes) => scopes.Split(' ').Contains(Admin, StringComparer.Ordinal);
}
