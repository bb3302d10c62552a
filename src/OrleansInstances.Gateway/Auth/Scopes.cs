namespace OrleansInstances.Gateway.Auth;

/// <summary>What a key opens. On the wire and in the key table each is a word of its own.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>See instances, their health and events, nodes.</summary>
    View = 1,

    /// <summary>Read output, write input.</summary>
    Console = 2,

    /// <summary>Create, change, start, stop and delete instances.</summary>
    Lifecycle = 4,

    /// <summary>Run commands inside instances.</summary>
    Exec = 8,

    /// <summary>All of these, and keys and users.</summary>
    Admin = 16,

    All = View | Console | Lifecycle | Exec | Admin,
}

/// <summary>Scopes as words.</summary>
internal static class ScopeWords
{
    /// <summary>What a stored key that is no API key has instead of scopes: the ksm dialect's engine password.</summary>
    public const string Ksm = "ksm";

    /// <summary>Likewise: what a user got by logging in; the user's permissions decide.</summary>
    public const string User = "user";

    private static readonly (Scopes Scope, string Word)[] Words =
    [
        (Scopes.View, "view"), (Scopes.Console, "console"), (Scopes.Lifecycle, "lifecycle"), (Scopes.Exec, "exec"), (Scopes.Admin, "admin"),
    ];

    /// <summary>The scopes of words separated by blanks, <c>admin</c> being all of them; words that are no scope's count for nothing.</summary>
    public static Scopes Parse(string words)
    {
        var scopes = words.Split(' ').Aggregate(Scopes.None, (sum, word) => sum | Of(word));
        return scopes.HasFlag(Scopes.Admin) ? Scopes.All : scopes;
    }

    /// <summary>Every word there is.</summary>
    public static string All { get; } = string.Join(", ", Words.Select(known => known.Word));

    /// <summary>The scope of one word; none for a word that is no scope's.</summary>
    public static Scopes Of(string word) => Words.FirstOrDefault(known => known.Word == word).Scope;

    /// <summary>The words of the scopes.</summary>
    public static IEnumerable<string> Format(Scopes scopes) => Words.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Word);
}
