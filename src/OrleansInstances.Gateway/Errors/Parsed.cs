using System.Diagnostics.CodeAnalysis;

namespace OrleansInstances.Gateway.Errors;

/// <summary>What a request's text means, or why it means nothing.</summary>
internal readonly record struct Parsed<T>
    where T : class
{
    private Parsed(T? value, ApiError? error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public ApiError? Error { get; }

    /// <summary>Gives the value, or else the error.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ApiError? error)
    {
        (value, error) = (Value, Error);
        return value is not null;
    }

    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static implicit operator Parsed<T>(ApiError error) => new(null, error);
}
