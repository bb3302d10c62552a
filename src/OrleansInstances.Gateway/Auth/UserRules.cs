namespace OrleansInstances.Gateway.Auth;

/// <summary>What a user's name and password must be.</summary>
internal static class UserRules
{
    public const int MinPasswordLength = 8;
    public const int MaxPasswordLength = 256;

    private const int MaxNameLength = 128;

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? NameFault(string? name) => name is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl)
        ? null
        : $"name must be 1 to {MaxNameLength} characters without control characters.";

    /// <summary>What is wrong with a password; null when nothing is.</summary>
    public static string? PasswordFault(string? password) => password is { Length: >= MinPasswordLength and <= MaxPasswordLength }
        ? null
        : $"password must be {MinPasswordLength} to {MaxPasswordLength} characters.";
}
