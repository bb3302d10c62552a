namespace OrleansInstances.Gateway.Errors;

/// <summary>What no query may hold, whatever it asks for.</summary>
internal static class QueryText
{
    /// <summary>The parameter with U+0000 in it, which nothing stored has and PostgreSQL takes in no text; null when there is none.</summary>
    public static ApiError? Fault(this IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            if (values.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true))
            {
                return ApiError.Invalid($"{name} must not contain NUL.");
            }
        }

        return null;
    }
}
